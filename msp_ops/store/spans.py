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


@record
class _Stay:
    """A host's time in a run, by the clock of the process that began it. `end` None: it was never said."""

    process_id: str
    start: _Mark
    end: _Mark | None = None


def so_far(connection: Connection, run: AnyRow) -> Interval | None:
    """First host's start to last host's end; to the last heartbeat while a host that began has no result.

    Each process that had the run counts by its own clock: the time between a death and an adoption is nobody's work.
    """
    stays = _stays(connection, run.id)
    known = select(processes).where(processes.c.id.in_({stay.process_id for stay in stays}))
    spans = [_of_one(process, stays) for process in connection.execute(known.order_by(processes.c.beat_at))]
    return _sum(spans) if spans else None


def _stays(connection: Connection, run_id: str) -> list[_Stay]:
    chosen = select(intents).where(intents.c.run_id == run_id).order_by(intents.c.position.desc())
    begun = {row.host_id: row for row in connection.execute(chosen)}
    results = connection.execute(select(host_results).where(host_results.c.run_id == run_id)).all()
    silent = [begun[host_id] for host_id in begun.keys() - {row.host_id for row in results}]
    return [_stay(row, begun.get(row.host_id)) for row in results] + [
        _Stay(process_id=row.process_id, start=_Mark(at=row.at, elapsed=row.elapsed)) for row in silent
    ]


def _stay(result: AnyRow, begun: AnyRow | None) -> _Stay:
    """What another process found out later lasted from the first intent for as long as the host had measured."""
    if begun is None or begun.process_id == result.process_id:
        return _Stay(
            process_id=result.process_id,
            start=_Mark(at=result.started_at, elapsed=result.elapsed - result.duration),
            end=_Mark(at=result.ended_at, elapsed=result.elapsed),
        )
    return _Stay(
        process_id=begun.process_id,
        start=_Mark(at=begun.at, elapsed=begun.elapsed),
        end=_Mark(at=begun.at + result.duration, elapsed=begun.elapsed + result.duration),
    )


def _of_one(process: AnyRow, stays: Iterable[_Stay]) -> Interval:
    own = [stay for stay in stays if stay.process_id == process.id]
    last_beat = _Mark(at=process.beat_at, elapsed=process.beat)
    first = min((stay.start for stay in own), key=_by_elapsed)
    last = max((mark for stay in own for mark in (stay.start, stay.end or last_beat)), key=_by_elapsed)
    return Interval(
        started_at=first.at, ended_at=last.at, duration=last.elapsed - first.elapsed, boot_id=process.boot_id
    )


def _by_elapsed(mark: _Mark) -> timedelta:
    return mark.elapsed


def _sum(spans: Sequence[Interval]) -> Interval:
    return Interval(
        started_at=min(span.started_at for span in spans),
        ended_at=max(span.ended_at for span in spans),
        duration=sum((span.duration for span in spans), timedelta(0)),
        boot_id=spans[-1].boot_id,
    )
