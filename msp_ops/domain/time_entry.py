"""What an export shows: a line of the ledger with the work behind it, and what became of it on the way to a PSA."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from msp_ops.domain.contract import Activity
from msp_ops.domain.hours import HourClass
from msp_ops.domain.record import record
from msp_ops.domain.work import Place


@record
class TimeEntry:
    """`id` is that of the line (its pieces: `-1`, `-2`), the same in every export; moments are UTC.

    Without `started_at` nothing was measured: a fee, or the reversal of one. `rate` is what an hour of `billed` costs,
    its multiplier in it. `text` is for the client, `internal` for the MSP's own people. `draft`: its month is open.
    """

    id: str
    line_id: str
    client_id: str
    month: date
    contract_id: str | None
    activity: Activity | None
    ticket: str | None
    person: str | None
    role: str | None
    started_at: datetime | None
    ended_at: datetime | None
    worked: timedelta
    billed: timedelta
    hour_class: HourClass
    place: Place
    rule: str
    reason: str
    rate: Decimal
    multiplier: Decimal
    amount: Decimal
    currency: str
    tax: str
    text: str
    internal: str
    reverses: str | None = None
    draft: bool = False

    @property
    def billable(self) -> bool:
        """Whether it costs anything, or gives something back."""
        return bool(self.amount)


@record
class Rejected:
    """An entry that the target does not take: why, and what to do about it."""

    entry: TimeEntry
    reason: str


@record
class WrittenFile:
    """A file of an export as it goes to disk."""

    name: str
    content: bytes


@record
class Export:
    """What a target gets, and what it does not: `written` and `rejected` together are all that was asked for.

    `worked` and `billed` are hours as the target has them, rounded to its steps; `amount` is what it will charge, None
    when it prices the hours itself. `remarks`: what it cannot hold.
    """

    target: str
    files: tuple[WrittenFile, ...]
    written: tuple[TimeEntry, ...]
    rejected: tuple[Rejected, ...]
    worked: Decimal
    billed: Decimal
    amount: Decimal | None
    remarks: tuple[str, ...] = ()
