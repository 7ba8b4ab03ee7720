"""Targets that do not answer are left alone for a while, longer each time; whoever waits for them waits together."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from msp_ops.domain.outbox import Ending, pause_for
from msp_ops.store.schema_outbox import outbox_targets

_columns = outbox_targets.c


def is_resting(connection: Connection, kind: str, target: str, now: datetime) -> bool:
    rests_until = connection.scalar(select(_columns.rests_until).where(_of(kind, target)))
    return rests_until is not None and rests_until > now


def answered(connection: Connection, kind: str, target: str) -> None:
    """It took a message or refused it, or a person says that it is back: nothing waits for it any more."""
    connection.execute(delete(outbox_targets).where(_of(kind, target)))


def failed(connection: Connection, kind: str, target: str, ending: Ending, now: datetime) -> None:
    before = connection.scalar(select(_columns.failures).where(_of(kind, target))) or 0
    answered(connection, kind, target)
    rests_until = now + pause_for(before + 1, ending)
    connection.execute(
        insert(outbox_targets).values(kind=kind, target=target, failures=before + 1, rests_until=rests_until)
    )


def _of(kind: str, target: str) -> ColumnElement[bool]:
    return (_columns.kind == kind) & (_columns.target == target)
