"""What a block of hours held before a month and holds after it, and what a plan includes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msp_ops.billing.rounding import NOTHING
from msp_ops.calendar.months import first_day, next_month
from msp_ops.domain.contract import BlockHours, Contract, Managed
from msp_ops.domain.record import record
from msp_ops.domain.work import Charge

Earlier = Mapping[date, Sequence[Charge]]
"""The charges of a client's earlier months, by the first day of each; a correction counts in the month it was made."""


@record
class Balance:
    """`carried` from the month before and `bought` are what was `drawn`, what has `expired` and what is `left`."""

    contract_id: str
    carried: timedelta
    bought: timedelta
    drawn: timedelta
    expired: timedelta
    left: timedelta


def in_force_in(contract: Contract, month: date) -> bool:
    """On one day of the month at least."""
    return contract.since < next_month(month) and (contract.until is None or contract.until >= first_day(month))


def at_hand(contract: Contract, month: date, earlier: Earlier) -> timedelta | None:
    """What may be drawn in that month; None of a contract without such a limit."""
    match contract:
        case BlockHours():
            carried, bought = _opening(contract, month, earlier)
            return carried + bought
        case Managed() if contract.included_hours is not None:
            return _span(contract.included_hours)
        case _:
            return None


def balance(block: BlockHours, month: date, earlier: Earlier, drawn: timedelta) -> Balance:
    """Of a month in which the block is in force, when so much was drawn in it."""
    carried, bought = _opening(block, month, earlier)
    left = _carried_on(block, month, carried + bought - drawn)
    expired = carried + bought - drawn - left
    return Balance(contract_id=block.id, carried=carried, bought=bought, drawn=drawn, expired=expired, left=left)


def is_bought(block: BlockHours, month: date) -> bool:
    """Whether its hours are bought in that month: each in which it is in force, or the first only."""
    if block.per == "month":
        return in_force_in(block, month)
    return first_day(block.since) == first_day(month)


def drawn_by(block: Contract, charges: Sequence[Charge]) -> timedelta:
    return sum((charge.drawn for charge in charges if charge.contract_id == block.id), NOTHING)


def _opening(block: BlockHours, month: date, earlier: Earlier) -> tuple[timedelta, timedelta]:
    carried = NOTHING
    for before in _months(block.since, month):
        held = carried + _bought(block, before)
        carried = _carried_on(block, before, held - drawn_by(block, earlier.get(before, ())))
    return carried, _bought(block, month)


def _bought(block: BlockHours, month: date) -> timedelta:
    return _span(block.hours) if is_bought(block, month) else NOTHING


def _carried_on(block: BlockHours, month: date, left: timedelta) -> timedelta:
    """What goes into the month after: nothing behind the day on which the block ends."""
    if block.until is not None and block.until < next_month(month):
        return NOTHING
    return min(left, _span(block.rollover_cap)) if block.per == "month" else left


def _months(since: date, until: date) -> Iterator[date]:
    """The first days of the months from that of `since` to the one before that of `until`."""
    month = first_day(since)
    while month < first_day(until):
        yield month
        month = next_month(month)


def _span(hours: Decimal) -> timedelta:
    """In whole seconds."""
    return timedelta(seconds=int(hours * 3600))
