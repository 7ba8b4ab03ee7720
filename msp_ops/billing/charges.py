"""A work record and the client's contracts become a charge that says its rule and its reason."""

from datetime import timedelta
from decimal import Decimal
from typing import assert_never

from msp_ops.billing.contracts import Undecided, contract_for
from msp_ops.billing.money import cost
from msp_ops.billing.rounding import billed_time, measured_time
from msp_ops.billing.words import rate_words, rounding_words, time_words
from msp_ops.domain.client import Client
from msp_ops.domain.contract import BlockHours, BreakFix, Contract, Managed, Rounding
from msp_ops.domain.record import record
from msp_ops.domain.work import Charge, WorkRecord

ESTIMATED = "estimated"
UNDECIDED = "none.undecided"
_NOTHING = timedelta(0)


@record
class _Price:
    """What a rule makes of the measured time."""

    rule: str
    reason: str
    billed: timedelta = _NOTHING
    rate: Decimal = Decimal(0)


_FREE = _Price(rule="not-succeeded.no-charge", reason="no charge: the work did not reach its aim")


def charge(record: WorkRecord, client: Client, *, succeeded: bool) -> tuple[Charge, ...]:
    """The record's charges; exactly one contract prices it, or none and the charge is `none.undecided`.

    Work that did not succeed costs nothing whatever the contract: that is judged first. It is no part of the record,
    which is written once, while how the work ended may be told later.
    """
    contract = contract_for(record, client)
    price = _price(record, client, contract) if succeeded else _FREE
    doubt = "; the time is estimated, a person should check it" if ESTIMATED in record.flags else ""
    charged = Charge(
        record_id=record.id,
        contract_id=None if isinstance(contract, Undecided) else contract.id,
        rule=price.rule,
        reason=price.reason + doubt,
        measured=measured_time(record),
        billed=price.billed,
        rate=price.rate,
        amount=cost(price.billed, price.rate, client.currency),
        currency=client.currency,
    )
    return (charged,)


def would_have_cost(record: WorkRecord, hourly_rate: Decimal, rounding: Rounding, currency: str) -> Decimal:
    """What the record had cost as break/fix at that rate: sums of these are what planned care saves.

    Only of work that succeeded: any other had cost nothing.
    """
    return cost(billed_time(measured_time(record), rounding), hourly_rate, currency)


def _price(record: WorkRecord, client: Client, contract: Contract | Undecided) -> _Price:
    match contract:
        case Managed():
            return _Price(rule="managed.covered", reason=f"{record.activity} is in the plan '{contract.id}'")
        case BlockHours():
            return _drawn(record, contract)
        case BreakFix():
            return _hourly(record, contract, client.currency)
        case Undecided():
            return _Price(rule=UNDECIDED, reason=f"{contract.reason}: a person must decide what it costs")
        case _:
            assert_never(contract)


def _drawn(record: WorkRecord, contract: BlockHours) -> _Price:
    measured = measured_time(record)
    billed = billed_time(measured, contract.rounding)
    reason = f"{time_words(billed)} drawn from the block '{contract.id}' of {contract.hours.normalize():f} h: "
    return _Price(rule="block.drawn", reason=reason + _steps(measured, billed, contract.rounding), billed=billed)


def _hourly(record: WorkRecord, contract: BreakFix, currency: str) -> _Price:
    measured = measured_time(record)
    billed = billed_time(measured, contract.rounding)
    reason = f"break/fix at {rate_words(contract.hourly_rate, currency)}: "
    return _Price(
        rule="break-fix.hourly",
        reason=reason + _steps(measured, billed, contract.rounding),
        billed=billed,
        rate=contract.hourly_rate,
    )


def _steps(measured: timedelta, billed: timedelta, rounding: Rounding) -> str:
    return f"{time_words(measured)} measured, {time_words(billed)} billed ({rounding_words(rounding)})"
