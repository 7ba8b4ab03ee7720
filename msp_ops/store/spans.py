"""How long a run that nobody closed has worked, by what it left behind."""

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

    By the clock of the run's own process, whoever proved later how a host ended.
    """
    process = connection.execute(select(processes).where(processes.c.id == run.process_id)).one()
    begun = _begun(connection, run.id)
    results = connection.execute(select(host_results).where(host_results.c.run_id == run.id)).all()
    silent = begun.keys() - {row.host_id for row in results}
    marks = [begun[host_id] for host_id in silent]
    if silent:
        marks.append(_Mark(at=process.beat_at, elapsed=process.beat))
    for row in results:
        marks += _own(row) if row.process_id == run.process_id else _proved(row, begun[row.host_id])
    return _between(marks, process.boot_id) if marks else None


def _begun(connection: Connection, run_id: str) -> dict[str, _Mark]:
    """The first intent of each host."""
    latest_first = select(intents).where(intents.c.run_id == run_id).order_by(intents.c.position.desc())
    return {row.host_id: _Mark(at=row.at, elapsed=row.elapsed) for row in connection.execute(latest_first)}


def _own(result: AnyRow) -> list[_Mark]:
    started = _Mark(at=result.started_at, elapsed=result.elapsed - result.duration)
    return [started, _Mark(at=result.ended_at, elapsed=result.elapsed)]


def _proved(result: AnyRow, begun: _Mark) -> list[_Mark]:
    """What another process found out lasted from the first intent for as long as the host had measured."""
    return [begun, _Mark(at=begun.at + result.duration, elapsed=begun.elapsed + result.duration)]


def _between(marks: list[_Mark], boot_id: str) -> Interval:
    first, last = min(marks, key=_by_elapsed), max(marks, key=_by_elapsed)
    return Interval(started_at=first.at, ended_at=last.at, duration=last.elapsed - first.elapsed, boot_id=boot_id)


def _by_elapsed(mark: _Mark) -> timedelta:
    return mark.elapsed
