"""Rows of the outbox as messages, and who still holds one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from msp_ops.domain.errors import PlanError
from msp_ops.domain.outbox import GIVE_UP_AFTER, Happened, Message, Queued
from msp_ops.domain.wording import did_you_mean
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow, in_portions
from msp_ops.store.schema_outbox import outbox, outbox_history

LONGEST_TRY = timedelta(minutes=15)  # a living process that holds one for longer has lost its answer, or its store
LOST = "whoever tried it ended, or never said how it went"


def known_row(connection: Connection, message_id: str) -> AnyRow:
    """PlanError when there is none of that id."""
    row = row_of(connection, message_id)
    if row is None:
        ids = connection.scalars(select(outbox.c.id)).all()
        raise PlanError(f"there is no message '{message_id}' in the outbox{did_you_mean(message_id, ids)}")
    return row


def row_of(connection: Connection, message_id: str) -> AnyRow | None:
    return connection.execute(select(outbox).where(outbox.c.id == message_id)).one_or_none()


def change(connection: Connection, message_id: str, **values: object) -> None:
    connection.execute(update(outbox).where(outbox.c.id == message_id).values(**values))


def queued_of(connection: Connection, rows: Sequence[AnyRow], processes: Processes, now: datetime) -> list[Queued]:
    """With their history; a try that nobody is at any more reads as unknown, whoever is alive to write it."""
    histories = _histories(connection, (row.id for row in rows))
    lost = {row.id for row in lost_among(connection, rows, processes, now)}
    return [
        Queued(
            message=message_of(row),
            state="unknown" if row.id in lost else row.state,
            queued_at=row.queued_at,
            since_at=row.since_at,
            next_at=row.next_at,
            there=row.there,
            history=tuple(histories[row.id]),
        )
        for row in rows
    ]


def message_of(row: AnyRow) -> Message:
    names = ("id", "kind", "target", "client_id", "about", "body", "busy_for")
    return Message(**{name: getattr(row, name) for name in names})


def lost_among(connection: Connection, rows: Iterable[AnyRow], processes: Processes, now: datetime) -> list[AnyRow]:
    """Those of them that a dead process was sending, or a living one for longer than any try takes."""
    sending = [row for row in rows if row.state == "sending"]
    at_work = processes.at_work(connection, {row.process_id for row in sending})
    return [row for row in sending if row.process_id not in at_work or now - row.next_at > LONGEST_TRY]


def settle_lost(connection: Connection, processes: Processes, now: datetime) -> None:
    """What was lost is unknown, and the target may be at work on it for a while from now."""
    sending = connection.execute(select(outbox).where(outbox.c.state == "sending")).all()
    for row in lost_among(connection, sending, processes, now):
        end_try(connection, row.id, last_number(connection, row.id), "unknown", LOST, now)
        leave_unknown(connection, row, now, now)


def leave_unknown(connection: Connection, row: AnyRow, now: datetime, next_at: datetime) -> None:
    """Tried again when the target cannot be busy with it; mail, which cannot be looked up, after one lost answer only.

    After two a person says: nobody knows whether it is there never, once or twice.
    """
    lost = [each for each in history_of(connection, row.id) if each.what == "unknown" and each.at >= row.since_at]
    never = row.kind == "mail" and len(lost) > 1
    at = row.since_at + GIVE_UP_AFTER if never else max(next_at, now + row.busy_for)
    change(connection, row.id, state="unknown", process_id=None, next_at=at)


def add_word(connection: Connection, message_id: str, now: datetime, **values: Any) -> int:  # noqa: ANN401  # columns
    """A line of its history; which one."""
    number = last_number(connection, message_id) + 1
    connection.execute(insert(outbox_history).values(message_id=message_id, number=number, at=now, **values))
    return number


def end_try(connection: Connection, message_id: str, number: int, what: str, said: str, now: datetime) -> None:
    chosen = outbox_history.c.message_id == message_id, outbox_history.c.number == number
    connection.execute(update(outbox_history).where(*chosen).values(what=what, said=said, ended_at=now))


def last_number(connection: Connection, message_id: str) -> int:
    chosen = select(func.max(outbox_history.c.number)).where(outbox_history.c.message_id == message_id)
    return connection.scalar(chosen) or 0


def history_of(connection: Connection, message_id: str) -> list[Happened]:
    """The oldest first."""
    return _histories(connection, [message_id])[message_id]


def _histories(connection: Connection, ids: Iterable[str]) -> dict[str, list[Happened]]:
    every = [*ids]
    found: dict[str, list[Happened]] = {each: [] for each in every}
    for portion in in_portions(every):
        chosen = select(outbox_history).where(outbox_history.c.message_id.in_(portion))
        for row in connection.execute(chosen.order_by(outbox_history.c.message_id, outbox_history.c.number)):
            values = {name: getattr(row, name) for name in ("number", "at", "what", "by", "said", "ended_at")}
            found[row.message_id].append(Happened(**values))
    return found
