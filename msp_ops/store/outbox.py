"""The outbox: a message is queued once, tried by one process at a time, and never silently gone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outbox import (
    GIVE_UP_AFTER,
    STATES,
    Ending,
    Kind,
    Message,
    Queued,
    Queueing,
    State,
    is_try,
    pause_for,
)
from msp_ops.domain.record import record
from msp_ops.store import outbox_targets
from msp_ops.store.database import Database
from msp_ops.store.heart import Heart
from msp_ops.store.outbox_rows import (
    add_word,
    change,
    end_try,
    history_of,
    known_row,
    last_number,
    leave_unknown,
    message_of,
    queued_of,
    row_of,
    settle_lost,
)
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema import processes as processes_table
from msp_ops.store.schema_outbox import outbox

OPEN: tuple[State, ...] = ("waiting", "unknown")


@record
class Claim:
    """A message that is this process's to send, and the try that was written down before it is."""

    message: Message
    number: int
    was: State


class Outbox:
    """Messages of all kinds and targets."""

    def __init__(self, database: Database, clock: Clock, processes: Processes) -> None:
        self._database = database
        self._clock = clock
        self._processes = processes
        self._heart = Heart(processes.beat, clock)

    def queue(self, messages: Sequence[Message], by: str) -> dict[str, Queueing]:
        """All of them or none; by id, what became of each.

        `new`; `corrected`: it was refused or never sent as it was, and waits as it is now; `known`: nothing changed;
        `differs`: it is there, may be there or was dropped as it was before, and stays so.
        """
        with self._writing() as (connection, now):
            return {each.id: _queue(connection, each, by, now) for each in messages}

    def due_targets(self) -> list[tuple[Kind, str]]:
        """Where something is due, or left half done by a dead process; not those that are left alone for a while."""
        now = self._clock.now()
        due = _due(now) | (outbox.c.state == "sending")
        chosen = select(outbox.c.kind, outbox.c.target).where(due).distinct().order_by(outbox.c.kind, outbox.c.target)
        with self._database.reading() as connection:
            found = [(row.kind, row.target) for row in connection.execute(chosen)]
            return [each for each in found if not outbox_targets.is_resting(connection, *each, now)]

    def claim(self, kind: Kind, target: str) -> Claim | None:
        """The longest due, this process's alone from now on; None when there is none, or the target is left alone."""
        with self._writing() as (connection, now):
            if outbox_targets.is_resting(connection, kind, target, now):
                return None
            wanted = select(outbox).where(_due(now), outbox.c.kind == kind, outbox.c.target == target)
            row = connection.execute(wanted.order_by(outbox.c.next_at, outbox.c.id).limit(1)).one_or_none()
            return None if row is None else self._claim(connection, row, now)

    def holds(self, claim: Claim) -> bool:
        """Whether it is still this process's: others take it for lost after a while of silence."""
        with self._database.reading() as connection:
            row = known_row(connection, claim.message.id)
            return self._is_own(connection, row, claim)

    def finish(self, claim: Claim, ending: Ending) -> Queued:
        """What came of the try. Of one that was taken for lost meanwhile only the words are kept."""
        with self._writing(settle=False) as (connection, now):
            row = known_row(connection, claim.message.id)
            end_try(connection, row.id, claim.number, ending.kind, ending.said, now)
            if self._is_own(connection, row, claim):
                _end(connection, row, claim, ending, now)
            return self._read(connection, row.id)

    def retry(self, message_id: str, by: str) -> Queued:
        """Due again at once, for a person says so; one that may be there, when the target cannot be busy with it.

        PlanError when there is none of that id, or it was sent; NotPermitted while it is being sent.
        """
        with self._writing() as (connection, now):
            row = _changeable(connection, message_id)
            tries = [each for each in history_of(connection, row.id) if is_try(each)]
            unsure = tries and tries[-1].what == "unknown"
            settled_at = (tries[-1].ended_at or now) + row.busy_for if unsure else now
            state: State = "unknown" if unsure else "waiting"
            change(connection, row.id, state=state, since_at=now, next_at=max(now, settled_at))
            add_word(connection, row.id, now, what="retry", by=by, said="", ended_at=now)
            outbox_targets.answered(connection, row.kind, row.target)
            return self._read(connection, row.id)

    def drop(self, message_id: str, by: str, why: str) -> Queued:
        """It is not sent any more; it stays in the store with these words.

        PlanError when there is none of that id, or it was sent or dropped; NotPermitted while it is being sent.
        """
        with self._writing() as (connection, now):
            row = _changeable(connection, message_id)
            if row.state == "dropped":
                raise PlanError(f"{message_id} was dropped before: {history_of(connection, row.id)[-1].said}")
            change(connection, row.id, state="dropped")
            add_word(connection, row.id, now, what="drop", by=by, said=why, ended_at=now)
            return self._read(connection, row.id)

    def read(self, message_id: str) -> Queued:
        """PlanError when there is none of that id."""
        with self._database.reading() as connection:
            return self._read(connection, message_id)

    def list(
        self, client_id: str | None = None, states: Sequence[State] = STATES, limit: int | None = None
    ) -> list[Queued]:
        """The newest first. `states` as they are saved: what a dead process was sending is among `sending`."""
        chosen = select(outbox).where(outbox.c.state.in_(states)).limit(limit)
        if client_id is not None:
            chosen = chosen.where(outbox.c.client_id == client_id)
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(outbox.c.queued_at.desc(), outbox.c.id)).all()
            return queued_of(connection, rows, self._processes, self._clock.now())

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While messages are sent, this process shows that it is alive."""
        name = uuid4().hex
        self._heart.run_opened(name)
        try:
            yield
        finally:
            self._heart.run_closed(name)

    @contextmanager
    def _writing(self, *, settle: bool = True) -> Iterator[tuple[Connection, datetime]]:
        with self._database.writing() as connection:
            now = self._clock.now()
            if settle:
                settle_lost(connection, self._processes, now)
            yield connection, now

    def _claim(self, connection: Connection, row: AnyRow, now: datetime) -> Claim:
        process_id = self._processes.sign_in(connection)
        number = add_word(connection, row.id, now, what="trying", by=_name(connection, process_id), said="")
        change(connection, row.id, state="sending", process_id=process_id, next_at=now)
        return Claim(message=message_of(row), number=number, was=row.state)

    def _is_own(self, connection: Connection, row: AnyRow, claim: Claim) -> bool:
        held = row.state == "sending" and row.process_id == self._processes.own_id
        return bool(held and last_number(connection, row.id) == claim.number)

    def _read(self, connection: Connection, message_id: str) -> Queued:
        row = known_row(connection, message_id)
        return queued_of(connection, [row], self._processes, self._clock.now())[0]


def _due(now: datetime) -> ColumnElement[bool]:
    return outbox.c.state.in_(OPEN) & (outbox.c.next_at <= now) & (outbox.c.since_at > now - GIVE_UP_AFTER)


def _queue(connection: Connection, message: Message, by: str, now: datetime) -> Queueing:
    row = row_of(connection, message.id)
    said = {name: getattr(message, name) for name in ("kind", "target", "client_id", "about", "body", "busy_for")}
    if row is None:
        waits = {"state": "waiting", "queued_at": now, "since_at": now, "next_at": now}
        connection.execute(insert(outbox).values(id=message.id, **said, **waits))
        add_word(connection, message.id, now, what="queued", by=by, said="", ended_at=now)
        return "new"
    if row.body == message.body:
        return "known"
    if row.state not in {"waiting", "refused"}:
        return "differs"
    change(connection, message.id, **said, state="waiting", since_at=now, next_at=now)
    add_word(connection, message.id, now, what="corrected", by=by, said=f"before: {row.body}", ended_at=now)
    return "corrected"


def _changeable(connection: Connection, message_id: str) -> AnyRow:
    row = known_row(connection, message_id)
    if row.state == "sent":
        there = f" as {row.there}" if row.there else ""
        raise PlanError(f"{message_id} was sent: {row.target} has it{there}; what is there is changed there")
    if row.state == "sending":
        raise NotPermitted(f"{message_id} is being sent in this moment; wait a minute, then look: msp-ops outbox list")
    return row


def _end(connection: Connection, row: AnyRow, claim: Claim, ending: Ending, now: datetime) -> None:
    """The state, and when it is tried again: by how often it was tried since a person last said so."""
    tries = sum(is_try(each) and each.at >= row.since_at for each in history_of(connection, row.id))
    next_at = now + pause_for(tries, ending)
    match ending.kind:
        case "sent":
            change(connection, row.id, state="sent", process_id=None, there=ending.there)
        case "refused":
            change(connection, row.id, state="refused", process_id=None)
        case "not-sent":
            change(connection, row.id, state=claim.was, process_id=None, next_at=next_at)
        case "unknown":
            leave_unknown(connection, row, now, next_at)
    if ending.kind in {"sent", "refused"}:
        outbox_targets.answered(connection, row.kind, row.target)
    else:
        outbox_targets.failed(connection, row.kind, row.target, ending, now)


def _name(connection: Connection, process_id: str) -> str:
    chosen = select(processes_table.c.machine, processes_table.c.pid).where(processes_table.c.id == process_id)
    row: Row[tuple[str, int]] = connection.execute(chosen).one()
    return f"process {row.pid} on {row.machine}"
