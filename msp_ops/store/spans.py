"""How long a run that nobody closed has worked, by what it left behind."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from msp_ops.domain.clock import Interval
from msp_ops.domain.record import record
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema import host_results, intents, processes


@record
class _Mark:
    """A moment on both clocks of the process that worked."""

    at: datetime
    elapsed: timedelta


def so_far(connection: Connection, run: AnyRow) -> Interval | None:
    """First host's start to last host's end; to the last heartbeat while a host that began has no result.

    Each process that had the run counts by its own clock: the time between a death and an adoption is nobody's work.
    """
    results = connection.execute(select(host_results).where(host_results.c.run_id == run.id)).all()
    begun = connection.execute(select(intents).where(intents.c.run_id == run.id)).all()
    workers = {row.process_id for row in (*results, *begun)}
    known = connection.execute(select(processes).where(processes.c.id.in_(workers)).order_by(processes.c.beat_at))
    spans = [_of_one(process, results, begun) for process in known]
    return _sum([span for span in spans if span is not None])


def _of_one(process: AnyRow, results: Iterable[AnyRow], begun: Iterable[AnyRow]) -> Interval | None:
    own_results = [row for row in results if row.process_id == process.id]
    own_begun = [row for row in begun if row.process_id == process.id]
    starts = [_Mark(at=row.started_at, elapsed=row.elapsed - row.duration) for row in own_results]
    ends = [_Mark(at=row.ended_at, elapsed=row.elapsed) for row in own_results]
    acted = [_Mark(at=row.at, elapsed=row.elapsed) for row in own_begun]
    if {row.host_id for row in own_begun} - {row.host_id for row in own_results}:
        ends += [*acted, _Mark(at=process.beat_at, elapsed=process.beat)]
    return _between(starts + acted, ends, process.boot_id)


def _between(starts: Sequence[_Mark], ends: Sequence[_Mark], boot_id: str) -> Interval | None:
    if not starts or not ends:
        return None
    first = min(starts, key=lambda mark: mark.elapsed)
    last = max(ends, key=lambda mark: mark.elapsed)
    return Interval(started_at=first.at, ended_at=last.at, duration=last.elapsed - first.elapsed, boot_id=boot_id)


def _sum(spans: Sequence[Interval]) -> Interval | None:
    if not spans:
        return None
    return Interval(
        started_at=min(span.started_at for span in spans),
        ended_at=max(span.ended_at for span in spans),
        duration=sum((span.duration for span in spans), start=timedelta(0)),
        boot_id=spans[-1].boot_id,
    )
