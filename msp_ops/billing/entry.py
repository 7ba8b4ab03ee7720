"""What is priced: a work record, and what is known beside it."""

from datetime import UTC, datetime, timedelta

from msp_ops.billing.rounding import counted_interval, measured_time
from msp_ops.domain.ledger import Decision
from msp_ops.domain.record import record
from msp_ops.domain.work import WorkRecord


@record
class Entry:
    """`succeeded` None: how the work ended is not known. `role` of who worked, None when nobody sat there.

    `closes_before`: how many months of any client had been closed when it was written down, or decided on: what came
    after a close takes no minute from what was there before it, so what a closed month counted stays true.
    """

    record: WorkRecord
    succeeded: bool | None
    decision: Decision | None = None
    role: str | None = None
    closes_before: int = 0

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing whatever its contract: it reached no aim, if a person did not decide otherwise."""
        if self.decision is not None:
            return self.decision.contract_id is None
        return self.succeeded is False


@record
class Span:
    """From UTC to UTC, in whole seconds; the end is not included."""

    started_at: datetime
    ended_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ended_at - self.started_at


def span_of(work: WorkRecord) -> Span | None:
    """The time that counts, from its start for as long as the monotonic clock measured; None when there was none."""
    interval, measured = counted_interval(work), measured_time(work)
    if interval is None or not measured:
        return None
    started_at = interval.started_at.replace(microsecond=0)
    return Span(started_at=started_at, ended_at=started_at + measured)


def in_order(entry: Entry) -> tuple[datetime, str]:
    """Entries sort by the start of their work, then by id; one without time comes first."""
    span = span_of(entry.record)
    return (datetime.min.replace(tzinfo=UTC) if span is None else span.started_at, entry.record.id)
