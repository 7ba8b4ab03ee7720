"""The price of one record alone: a first word when a run ends. The month's price is the one that counts."""

from datetime import date

from msp_ops.billing.contracts import work_day
from msp_ops.billing.entry import Entry
from msp_ops.billing.month import price_month
from msp_ops.billing.reasons import ESTIMATED
from msp_ops.billing.shares import UNDECIDED
from msp_ops.calendar.months import first_day
from msp_ops.domain.client import Client
from msp_ops.domain.work import Charge, WorkRecord

__all__ = ["ESTIMATED", "UNDECIDED", "charge"]


def charge(record: WorkRecord, client: Client, *, succeeded: bool, role: str | None = None) -> tuple[Charge, ...]:
    """As if it were the only work of its month and no block had been drawn from; exactly one contract prices it.

    Work that did not succeed costs nothing whatever the contract. That is no part of the record, which is written once,
    while how the work ended may be told later.
    """
    day = work_day(record, client)
    month = first_day(day) if day else date.min
    return price_month(client, month, [Entry(record=record, succeeded=succeeded, role=role)]).charges_of(record.id)
