"""The processes that write: each registers once and shows by its heartbeat that it is at work."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection, Update, insert, select, update

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted
from msp_ops.store.database import Database
from msp_ops.store.liveness import ProcessRecord, is_alive
from msp_ops.store.machine import Machine
from msp_ops.store.rows import AnyRow, in_portions
from msp_ops.store.schema import processes

_present = processes.c.left_at.is_(None)


class Processes:
    """Our process among all others."""

    def __init__(self, database: Database, clock: Clock, machine: Machine) -> None:
        self.own_id = uuid4().hex
        self._database = database
        self._clock = clock
        self._machine = machine

    def sign_in(self, connection: Connection) -> str:
        """Our process's id, with a fresh beat; registered by the first write that needs it.

        NotPermitted after it has left.
        """
        if not self._beat_within(connection):
            self.refuse_left(connection)
            own = self._machine.this_process()
            connection.execute(
                insert(processes).values(
                    id=self.own_id,
                    machine=own.machine,
                    pid=own.pid,
                    start_ticks=own.start_ticks,
                    pid_namespace=own.pid_namespace,
                    boot_id=self._clock.boot_id(),
                    started_at=self._clock.now(),
                    **self._signs(),
                )
            )
        return self.own_id

    def leave(self, connection: Connection) -> None:
        """Whatever this process has open is anybody's from now on; a second time changes nothing."""
        if not self._has_left(connection):
            self.sign_in(connection)
            connection.execute(_own(self.own_id).values(left_at=self._clock.now()))

    def refuse_left(self, connection: Connection) -> None:
        """NotPermitted when this process has left."""
        if self._has_left(connection):
            raise NotPermitted("this process is ending and has left its work to others: nothing new begins here")

    def require_own(self, run: AnyRow) -> None:
        """NotPermitted when another process opened the run, and only that one may go on with it."""
        if run.process_id != self.own_id:
            raise NotPermitted(f"run {run.id} is not this process's: only the one that opened it may go on with it")

    def beat(self) -> None:
        """Say that this process is at work; StoreError when that cannot be saved."""
        with self._database.writing() as connection:
            self._beat_within(connection)

    def is_at_work(self, connection: Connection, process_id: str) -> bool:
        """Whether that process lives and has not left."""
        return process_id in self.at_work(connection, [process_id])

    def at_work(self, connection: Connection, process_ids: Iterable[str]) -> set[str]:
        """Those of them that live and have not left."""
        now = self._database.kind.moment(self._clock.now()).label("now")
        known = [
            row
            for portion in in_portions(process_ids)
            for row in connection.execute(select(processes, now).where(_present, processes.c.id.in_(portion)))
        ]
        return {row.id for row in known if is_alive(self._record(row), self._machine, self._clock.boot_id())}

    def _beat_within(self, connection: Connection) -> bool:
        own = _own(self.own_id).where(_present)
        return connection.execute(own.values(**self._signs())).rowcount == 1

    def _has_left(self, connection: Connection) -> bool:
        left = select(processes.c.left_at).where(processes.c.id == self.own_id)
        return connection.scalars(left).one_or_none() is not None

    def _signs(self) -> dict[str, object]:
        return {"beat": self._clock.elapsed(), "beat_at": self._database.kind.moment(self._clock.now())}

    def _record(self, row: AnyRow) -> ProcessRecord:
        return ProcessRecord(
            id=row.id,
            pid=row.pid,
            start_ticks=row.start_ticks,
            pid_namespace=row.pid_namespace,
            boot_id=row.boot_id,
            silent_for=self._silence(row),
        )

    def _silence(self, row: AnyRow) -> timedelta | None:
        """By the clock that writer and reader share: the server's, or this machine's monotonic one within a boot."""
        if self._database.kind.BEATS_BY_DATABASE_CLOCK:
            since: timedelta = row.now - row.beat_at
            return since
        return self._clock.elapsed() - row.beat if row.boot_id == self._clock.boot_id() else None


def _own(process_id: str) -> Update:
    return update(processes).where(processes.c.id == process_id)
