"""What an hour costs: by the contract, who worked, where, and in which class of hours."""

from decimal import Decimal

from msp_ops.billing.words import class_words, rate_words
from msp_ops.domain.contract import BreakFix, Contract
from msp_ops.domain.hours import HourClass
from msp_ops.domain.record import record
from msp_ops.domain.work import Place


@record
class Rate:
    """`base` by the hour, and what it is multiplied with; `whose` says in words why this base."""

    base: Decimal
    multiplier: Decimal
    hour_class: HourClass
    whose: str = ""

    @property
    def hourly(self) -> Decimal:
        return self.base * self.multiplier

    def words(self, currency: str) -> str:
        """`95.00 EUR/h`, `95.00 EUR/h (senior) x 1.5 after hours = 142.50 EUR/h`."""
        base = rate_words(self.base, currency) + (f" ({self.whose})" if self.whose else "")
        if self.multiplier == 1:
            return base
        by = f"{self.multiplier.normalize():f} {class_words(self.hour_class)}"
        return f"{base} x {by} = {rate_words(self.hourly, currency)}"


def rate_of(contract: Contract, hour_class: HourClass, place: Place, role: str | None) -> Rate | None:
    """The on-site rate before the role's before the contract's own; None when the contract has no rate by the hour."""
    multiplier = multiplier_of(contract, hour_class)
    base, whose = contract.hourly_rate if isinstance(contract, BreakFix) else contract.overage_rate, ""
    if role in contract.role_rates:
        base, whose = contract.role_rates[role], role
    if place == "on-site" and contract.on_site.hourly_rate is not None:
        base, whose = contract.on_site.hourly_rate, "on site"
    return None if base is None else Rate(base=base, multiplier=multiplier, hour_class=hour_class, whose=whose)


def multiplier_of(contract: Contract, hour_class: HourClass) -> Decimal:
    return contract.multipliers.get(hour_class, Decimal(1))
