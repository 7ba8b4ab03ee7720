"""A contract in words: what it covers, since when, what an hour costs and how it is counted."""

from collections.abc import Iterator
from typing import assert_never

from msp_ops.billing.balances import Balance
from msp_ops.billing.contracts import activities_of
from msp_ops.billing.rates import multiplier_of, rate_of
from msp_ops.billing.words import class_words, money_words, number_words, rate_words, rounding_words, time_words
from msp_ops.domain.client import Client
from msp_ops.domain.contract import BlockHours, BreakFix, Contract, Managed
from msp_ops.domain.hours import HourClass, Hours

_CLASSES: tuple[HourClass, ...] = ("business", "after-hours", "weekend", "holiday")


def contract_words(contract: Contract, client: Client) -> Iterator[str]:
    """A line each."""
    until = f" to {contract.until}, that day included" if contract.until else ""
    yield f"in force from {contract.since}{until}"
    hosts = ", ".join(contract.scope.hosts) or "all hosts"
    yield f"covers {', '.join(activities_of(contract)) or 'everything'} on {hosts}"
    yield from _agreed(contract, client.currency)
    yield from _rates(contract, client)
    yield f"counted in {rounding_words(contract.rounding)}, by {contract.rounding.scope}"
    yield from _on_site(contract, client.currency)
    if contract.tax:
        yield f"amounts are before {contract.tax}"


def balance_words(balance: Balance) -> str:
    """`10 h bought, 1 h carried over, 4 h drawn: 7 h at hand, of which 5 h expire at the month's end`."""
    parts = [f"{time_words(balance.bought)} bought", f"{time_words(balance.carried)} carried over"]
    at_hand = time_words(balance.left + balance.expired)
    expires = f", of which {time_words(balance.expired)} expire at the month's end" if balance.expired else ""
    return f"{', '.join(parts)}, {time_words(balance.drawn)} drawn: {at_hand} at hand{expires}"


def hours_words(hours: Hours) -> str:
    """`mon to fri 08:00-17:00` and whose holidays."""
    opened = [f"{', '.join(each.days)} {each.start:%H:%M}-{each.end:%H:%M}" for each in hours.open]
    place = "-".join(word for word in (hours.holidays.country, hours.holidays.region) if word)
    more = [*([f"holidays of {place}"] if place else []), *(f"also {day}" for day in hours.holidays.also)]
    more += [f"not {day}" for day in hours.holidays.worked]
    return "; ".join([*(opened or ["every hour is a business hour"]), *more])


def _agreed(contract: Contract, currency: str) -> Iterator[str]:
    match contract:
        case Managed():
            yield f"{money_words(contract.monthly_fee, currency)} a month"
            if contract.covered_hours:
                yield f"covered {', '.join(map(class_words, contract.covered_hours))}; the rest costs overage"
            if contract.included_hours is not None:
                yield f"{number_words(contract.included_hours)} h a month are included; the rest costs overage"
        case BlockHours():
            often = " each month" if contract.per == "month" else ""
            price = f" for {money_words(contract.price, currency)}" if contract.price else ""
            cap = (
                f", at most {number_words(contract.rollover_cap)} h go into the next" if contract.per == "month" else ""
            )
            yield f"{number_words(contract.hours)} h paid ahead{often}{price}{cap}; then overage"
        case BreakFix():
            yield "by the hour"
        case _:
            assert_never(contract)


def _rates(contract: Contract, client: Client) -> Iterator[str]:
    for role in (None, *contract.role_rates):
        rates = [rate_of(contract, hour_class, "remote", role) for hour_class in _classes(contract, client.hours)]
        said = ", ".join(
            f"{rate_words(rate.hourly, client.currency)} {class_words(rate.hour_class)}" for rate in rates if rate
        )
        if said:
            yield f"{role or 'an hour'}: {said}"
    if isinstance(contract, BlockHours):
        weights = [(multiplier_of(contract, each), each) for each in _classes(contract, client.hours)]
        yield f"an hour draws {', '.join(f'{number_words(by)} h {class_words(each)}' for by, each in weights)}"


def _classes(contract: Contract, hours: Hours) -> list[HourClass]:
    """Those that the client's hours know; the business hours alone where every hour is one."""
    known = [each for each in _CLASSES if each == "business" or each in contract.multipliers]
    return known if hours.open or hours.holidays.country or hours.holidays.also else ["business"]


def _on_site(contract: Contract, currency: str) -> Iterator[str]:
    here = contract.on_site
    said = [] if here.hourly_rate is None else [rate_words(here.hourly_rate, currency)]
    said += [
        f"{time_words(span)} {what}"
        for span, what in ((here.minimum, "at least"), (here.increment, "steps"), (here.grace, "of grace"))
        if span is not None
    ]
    if said:
        yield f"on site: {', '.join(said)}"
