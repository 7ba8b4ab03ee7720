"""What a month would have cost otherwise: planned care as break/fix, and break/fix with a plan."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from msp_ops.billing.balances import Earlier, in_force_in
from msp_ops.billing.entry import Entry
from msp_ops.billing.fees import FEE
from msp_ops.billing.month import PricedMonth, price_month
from msp_ops.billing.parts import COVERED
from msp_ops.billing.rounding import NOTHING
from msp_ops.billing.words import money_words, rate_words, rounding_words, time_words
from msp_ops.domain.client import Client
from msp_ops.domain.contract import BreakFix, Contract, Managed, Scope
from msp_ops.domain.record import record


@record
class Comparison:
    """`paid`: what the same cost in truth; `basis`: in words, how `amount` was worked out."""

    amount: Decimal
    paid: Decimal
    basis: str


def by_the_hour(
    client: Client, month: date, entries: Iterable[Entry], elsewhere: Iterable[Entry] = ()
) -> Comparison | None:
    """What the month's covered work had cost as break/fix, by the same rules; None without such work or a rate.

    The rate is that of the client's first break/fix contract, else of its first break/fix offer. `paid` are the fees of
    its plans.
    """
    hourly = _first(BreakFix, [*client.contracts, *client.offers])
    real = price_month(client, month, entries, elsewhere)
    covered = {charge.record_id for charge in real.charges if charge.rule == COVERED}
    if not isinstance(hourly, BreakFix) or not covered:
        return None
    mine = [each.entry for each in real.judged if each.entry.record.id in covered]
    others = [each.entry for each in real.judged if each.entry.record.id not in covered]
    asked = [replace(entry, decision=None) for entry in mine]
    priced = price_month(_with(client, _for_all(hourly)), month, asked, [*others, *elsewhere])
    return Comparison(amount=priced.total, paid=_fees(real), basis=_hourly_basis(hourly, priced))


def with_a_plan(
    client: Client,
    month: date,
    entries: Sequence[Entry],
    elsewhere: Sequence[Entry] = (),
    earlier: Earlier | None = None,
) -> Comparison | None:
    """What the month of a client without a plan had cost with its first managed offer; None without one.

    Of a client that has a plan, None too.

    Work that the plan does not cover costs what it costs by the client's contracts.
    """
    offer = _first(Managed, client.offers)
    if offer is None or any(isinstance(each, Managed) and in_force_in(each, month) for each in client.contracts):
        return None
    real = price_month(client, month, entries, elsewhere, earlier)
    plan = replace(offer, since=date.min, until=None)
    planned = price_month(_with(client, plan, *client.contracts), month, entries, elsewhere, earlier)
    covered = {charge.record_id for charge in planned.charges if charge.rule == COVERED}
    basis = (
        f"with the plan '{plan.id}': {money_words(_fees(planned), client.currency)} for the month, which covers "
        f"{len(covered)} of {len(real.judged)} records; the rest as it is"
    )
    return Comparison(amount=planned.total, paid=real.total, basis=basis)


def _first(kind: type[Contract], contracts: Iterable[Contract]) -> Contract | None:
    return next((contract for contract in contracts if isinstance(contract, kind)), None)


def _for_all(hourly: BreakFix) -> BreakFix:
    return replace(hourly, since=date.min, until=None, scope=Scope())


def _with(client: Client, *contracts: Contract) -> Client:
    return replace(client, contracts=contracts)


def _fees(priced: PricedMonth) -> Decimal:
    return sum((charge.amount for charge in priced.charges if charge.rule == FEE), Decimal(0))


def _hourly_basis(hourly: BreakFix, priced: PricedMonth) -> str:
    measured = sum((charge.measured for charge in priced.charges), NOTHING)
    billed = sum((charge.billed for charge in priced.charges), NOTHING)
    rate = rate_words(hourly.hourly_rate, priced.currency)
    return (
        f"as break/fix by '{hourly.id}' at {rate} ({rounding_words(hourly.rounding)}): "
        f"{len(priced.judged)} records, {time_words(measured)} measured, {time_words(billed)} billed"
    )
