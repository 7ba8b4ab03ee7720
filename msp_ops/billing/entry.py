"""What is priced: a work record, and what is known beside it."""

from datetime import UTC, datetime

from msp_ops.billing.rounding import counted_interval, measured_time
from msp_ops.domain.ledger import Decision
from msp_ops.domain.record import record
from msp_ops.domain.work import Span, WorkRecord


@record
class Entry:
    """`succeeded` None: how the work ended is not known. `role` of who worked, None when nobody sat there.

    `frozen`: what a closed month counted of it, which is its own for ever; None while its month is open.
    """

    record: WorkRecord
    succeeded: bool | None
    decision: Decision | None = None
    role: str | None = None
    frozen: tuple[Span, ...] | None = None

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing whatever its contract: it reached no aim, if a person did not decide otherwise."""
        if self.decision is not None:
            return self.decision.contract_id is None
        return self.succeeded is False


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
