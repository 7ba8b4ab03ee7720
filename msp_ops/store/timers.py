"""Persons' timers: one runs for a person at a time; its end is a work record, or the reason why there is none."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.work import Charge, Timer, WorkRecord
from msp_ops.store import ledger
from msp_ops.store.database import Database
from msp_ops.store.encode import rebuild, written
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema_ledger import timers


class Timers:
    """Nothing is deleted: a timer that ended stays as it was, and the database refuses to change it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def start(self, timer: Timer) -> None:
        """NotPermitted when one runs for this person: where, since when."""
        with self._database.writing() as connection:
            running = _running(connection, timer.person)
            if running is not None:
                since = clock_time(running.started_at, self._clock.now())
                raise NotPermitted(
                    f"a timer of {timer.person} runs for {running.client_id} since {since}: one at a time; "
                    "stop it first: msp-ops time stop"
                )
            values = {name: getattr(timer, name) for name in _PLAIN}
            connection.execute(insert(timers).values(**values, host_ids=written(timer.host_ids)))

    def running(self, person: str) -> Timer:
        """NotPermitted when none runs for this person."""
        with self._database.reading() as connection:
            return _timer(_known(connection, person))

    def note(self, person: str, words: str) -> Timer:
        """Adds to what was said before; NotPermitted when none runs for this person."""
        with self._database.writing() as connection:
            row = _known(connection, person)
            note = f"{row.note}; {words}" if row.note else words
            connection.execute(update(timers).where(timers.c.id == row.id).values(note=note))
            return _timer(_known(connection, person))

    def stop(self, timer: Timer, work: WorkRecord, priced: Sequence[Charge]) -> None:
        """Its end and its record in one; NotPermitted when it is not any more what was read."""
        now = self._clock.now()
        with self._database.writing() as connection:
            _refuse_changed(connection, timer)
            ledger.append(connection, work, priced, now)
            _end(connection, timer.id, now, record_id=work.id)

    def cancel(self, timer: Timer, why: str) -> None:
        """No work record comes of it, and these words say why; NotPermitted when it is not any more what was read."""
        with self._database.writing() as connection:
            _refuse_changed(connection, timer)
            _end(connection, timer.id, self._clock.now(), cancelled=why)

    def list(self, since: datetime) -> list[Timer]:
        """Those that run or were cancelled, started at `since` or later, and all that run; the oldest first."""
        shown = timers.c.ended_at.is_(None) | (timers.c.cancelled.is_not(None) & (timers.c.started_at >= since))
        with self._database.reading() as connection:
            return [
                _timer(row) for row in connection.execute(select(timers).where(shown).order_by(timers.c.started_at))
            ]


_PLAIN = (
    "id",
    "person",
    "client_id",
    "activity",
    "ticket",
    "place",
    "note",
    "started_at",
    "started",
    "boot_id",
    "ended_at",
    "cancelled",
)


def _running(connection: Connection, person: str) -> AnyRow | None:
    chosen = select(timers).where(timers.c.person == person, timers.c.ended_at.is_(None))
    return connection.execute(chosen).one_or_none()


def _known(connection: Connection, person: str) -> AnyRow:
    row = _running(connection, person)
    if row is None:
        raise NotPermitted(f"no timer of {person} runs; start one: msp-ops time start CLIENT -t TICKET")
    return row


def _refuse_changed(connection: Connection, timer: Timer) -> None:
    row = _running(connection, timer.person)
    if row is None or _timer(row) != timer:
        raise NotPermitted(
            f"the timer of {timer.person} was changed by somebody in this moment; look: msp-ops time list"
        )


def _end(connection: Connection, timer_id: str, now: datetime, **how: str) -> None:
    connection.execute(update(timers).where(timers.c.id == timer_id).values(ended_at=now, **how))


def _timer(row: AnyRow) -> Timer:
    values = {name: getattr(row, name) for name in _PLAIN}
    return Timer(**values, host_ids=rebuild(tuple[str, ...], row.host_ids))
