"""Small pieces that several tables share."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, select

from msp_ops.domain.clock import Interval
from msp_ops.domain.errors import StoreError
from msp_ops.store.schema import runs

AnyRow = Row[Any]
T = TypeVar("T")
_run = select(runs.c.id, runs.c.client_id, runs.c.runbook_id, runs.c.process_id, runs.c.ended_at).where(
    runs.c.id == bindparam("wanted")
)
_PORTION = 500


def interval_values(interval: Interval) -> dict[str, object]:
    return {
        "started_at": interval.started_at,
        "ended_at": interval.ended_at,
        "duration": interval.duration,
        "boot_id": interval.boot_id,
    }


def interval_of(row: AnyRow) -> Interval:
    return Interval(started_at=row.started_at, ended_at=row.ended_at, duration=row.duration, boot_id=row.boot_id)


def in_portions(values: Iterable[T]) -> Iterator[list[T]]:
    """No database takes any number of values in one statement."""
    every = [*values]
    for start in range(0, len(every), _PORTION):
        yield every[start : start + _PORTION]


def run_row(connection: Connection, run_id: str) -> AnyRow:
    """Of a run that the caller says is there, what is short: its plan may name a thousand hosts. StoreError."""
    row = connection.execute(_run, {"wanted": run_id}).one_or_none()
    if row is None:
        raise no_such_run(run_id)
    return row


def no_such_run(run_id: str) -> StoreError:
    return StoreError(f"there is no run {run_id} in the store: open it before anything is written for it")


def clock_time(moment: datetime, now: datetime) -> str:
    """`14:02 UTC`, with its day when that is not today."""
    return f"{moment:%H:%M} UTC" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M} UTC"
