"""The lines of a statement, with the work behind them, as time entries."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msp_ops.billing.unpriced import VOID
from msp_ops.domain.clock import Interval
from msp_ops.domain.ledger import Line, Statement
from msp_ops.domain.time_entry import TimeEntry
from msp_ops.domain.work import WorkRecord

_NOTHING = timedelta(0)
DRAFT = "DRAFT, the month is open: "
EARLIEST = datetime.min.replace(tzinfo=UTC)


def entries_of(
    statement: Statement, records: Mapping[str, WorkRecord], texts: Mapping[str, str]
) -> tuple[TimeEntry, ...]:
    """One entry a line, but for what was written by mistake; `texts`: what the client reads, by the id of the run.

    A record's lines are its parts in several classes of hours: each begins when its charge says, or where the one
    before it ended, whichever is later, so that no minute is shown twice.
    KeyError when a line's record is not among `records`.
    """
    ends: dict[str, datetime] = {}
    entries = []
    shown = [line for line in statement.lines if line.charge.rule != VOID]
    for line in sorted(shown, key=lambda line: line.charge.started_at or EARLIEST):
        work = records[line.charge.record_id] if line.charge.record_id is not None else None
        entry = _entry(statement, line, work, texts, ends)
        entries.append(entry)
        if work is not None and entry.ended_at is not None:
            ends[work.id] = entry.ended_at
    return in_order(entries)


def in_order(entries: list[TimeEntry] | tuple[TimeEntry, ...]) -> tuple[TimeEntry, ...]:
    """By time, then by id; what has no time comes last."""
    return tuple(sorted(entries, key=lambda each: (each.started_at is None, each.started_at or EARLIEST, each.id)))


def counted_interval(work: WorkRecord) -> Interval | None:
    """A person's own time where somebody sat there, else the machine's: the one that a price goes by."""
    return work.attended or work.machine


def _entry(
    statement: Statement,
    line: Line,
    work: WorkRecord | None,
    texts: Mapping[str, str],
    ends: Mapping[str, datetime],
) -> TimeEntry:
    charge = line.charge
    mark = DRAFT if statement.closed_at is None else ""
    began = _began(work, line, ends) if work is not None else None
    return TimeEntry(
        id=line.id,
        line_id=line.id,
        client_id=statement.client_id,
        month=statement.month.replace(day=1),
        contract_id=charge.contract_id,
        activity=work.activity if work else None,
        ticket=work.ticket if work else None,
        person=work.person if work else None,
        role=charge.role,
        started_at=began,
        ended_at=began + max(charge.measured, _NOTHING) if began is not None else None,
        worked=charge.measured,
        billed=charge.billed,
        hour_class=charge.hour_class,
        place=work.place if work else "remote",
        rule=charge.rule,
        reason=charge.reason,
        rate=charge.rate,
        multiplier=charge.multiplier,
        amount=charge.amount,
        currency=charge.currency,
        tax=charge.tax,
        text=mark + _text(line, work, texts),
        internal=mark + _internal(line, work),
        reverses=line.reverses,
        draft=statement.closed_at is None,
    )


def _began(work: WorkRecord, line: Line, ends: Mapping[str, datetime]) -> datetime | None:
    """In whole seconds, as lengths are; None for what was not measured, or only takes something back."""
    interval = counted_interval(work)
    if interval is None or line.reverses is not None:
        return None
    said = (line.charge.started_at or interval.started_at).astimezone(UTC).replace(microsecond=0)
    return max(said, ends.get(work.id, said))


def _text(line: Line, work: WorkRecord | None, texts: Mapping[str, str]) -> str:
    """What was done, in the client's words; a fee and what takes something back say their own reason."""
    if work is None or line.reverses is not None:
        return line.charge.reason
    return texts.get(work.run_id or "", "") or work.note or f"{work.activity} on {', '.join(work.host_ids)}"


def _internal(line: Line, work: WorkRecord | None) -> str:
    parts = [f"{line.charge.rule}: {line.charge.reason}"]
    if work is not None:
        parts += [f"run {work.run_id}"] if work.run_id else [f"time by {work.source}"]
        parts += [f"hosts {', '.join(work.host_ids)}"] if work.host_ids else []
        parts += [f"note: {work.note}"] if work.note else []
        parts += [f"flags: {', '.join(work.flags)}"] if work.flags else []
    parts += [f"takes back {line.reverses}"] if line.reverses else []
    return "; ".join(parts)
