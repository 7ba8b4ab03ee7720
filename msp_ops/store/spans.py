"""How long a run that nobody closed has worked, by what it left behind."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from msp_ops.domain.clock import Interval
from msp_ops.domain.record import record
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema import host_results, intents, processes


@record
class Mark:
    """A moment on both clocks of the process that ran it."""

    at: datetime
    elapsed: timedelta


def so_far(connection: Connection, run: AnyRow) -> Interval | None:
    """First host's start to last host's end; to the last heartbeat while a host that began has no result."""
    process = connection.execute(select(processes).where(processes.c.id == run.process_id)).one()
    results = connection.execute(select(host_results).where(host_results.c.run_id == run.id)).all()
    begun = connection.execute(select(intents).where(intents.c.run_id == run.id)).all()
    starts = [Mark(at=row.started_at, elapsed=row.elapsed - row.duration) for row in results]
    ends = [Mark(at=row.ended_at, elapsed=row.elapsed) for row in results]
    acted = [Mark(at=row.at, elapsed=row.elapsed) for row in begun]
    if {row.host_id for row in begun} - {row.host_id for row in results}:
        ends += [*acted, Mark(at=process.beat_at, elapsed=process.beat)]
    return _between(starts + acted, ends, process.boot_id)


def _between(starts: list[Mark], ends: list[Mark], boot_id: str) -> Interval | None:
    if not starts or not ends:
        return None
    first = min(starts, key=lambda mark: mark.elapsed)
    last = max(ends, key=lambda mark: mark.elapsed)
    return Interval(started_at=first.at, ended_at=last.at, duration=last.elapsed - first.elapsed, boot_id=boot_id)
