"""Who is at work for whom, and what was written down today."""

from datetime import UTC, datetime, time

from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.record import record
from msp_ops.domain.work import Timer, WorkRecord
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.time_moments import today

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@record
class TimeListed:
    """`timers`: those that run, and today's cancelled ones. `records`: today's of persons, by the client's clock."""

    timers: tuple[Timer, ...]
    records: tuple[WorkRecord, ...]


def time_listed(parts: Parts, client_id: str = "", person: str = "") -> TimeListed:
    """Of one client or all, of one person or all; the oldest first."""
    clients = [parts.workspace.client(client_id)] if client_id else list(parts.workspace.clients.values())
    known = {client.id: _midnight(parts, client) for client in clients}
    now = parts.clock.now()
    timers = parts.store.timers.list(min(known.values(), default=now))
    records = [work for each, since in known.items() for work, _ in parts.store.work.list(each, since) if work.person]
    return TimeListed(
        timers=tuple(
            each
            for each in timers
            if (person in {"", each.person})
            and (not client_id or each.client_id == client_id)
            and (each.ended_at is None or each.started_at >= known.get(each.client_id, now))
        ),
        records=tuple(each for each in sorted(records, key=_begun) if person in {"", each.person}),
    )


def _begun(work: WorkRecord) -> datetime:
    begun = [span.started_at for span in (work.attended, work.machine) if span]
    return min(begun) if begun else work.noted_at or _LONG_AGO


def _midnight(parts: Parts, client: Client) -> datetime:
    here = zone(client.timezone)
    return datetime.combine(today(parts.clock.now(), here), time(), here)
