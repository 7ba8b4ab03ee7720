"""The processes that write: each registers once and shows by its heartbeat that it is at work."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select, update

from msp_ops.domain.clock import Clock
from msp_ops.store.database import Database
from msp_ops.store.liveness import ProcessRecord, is_alive
from msp_ops.store.machine import Machine
from msp_ops.store.schema import processes


class Processes:
    """Our process among all others."""

    def __init__(self, database: Database, clock: Clock, machine: Machine) -> None:
        self.own_id = uuid4().hex
        self._database = database
        self._clock = clock
        self._machine = machine

    def sign_in(self, connection: Connection) -> str:
        """Our process's id, with a fresh beat; registered by the first write that needs it."""
        if not self._beat_within(connection):
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

    def beat(self) -> None:
        """Say that this process is at work; StoreError when that cannot be saved."""
        with self._database.writing() as connection:
            self._beat_within(connection)

    def is_at_work(self, connection: Connection, process_id: str, ended_at: datetime | None = None) -> bool:
        """Whether the run of that process goes on; a run that was closed does not."""
        return ended_at is None and is_alive(
            self._look_up(connection, process_id), self._machine, self._clock.boot_id()
        )

    def _beat_within(self, connection: Connection) -> bool:
        own = update(processes).where(processes.c.id == self.own_id)
        return connection.execute(own.values(**self._signs())).rowcount == 1

    def _signs(self) -> dict[str, object]:
        return {"beat": self._clock.elapsed(), "beat_at": self._database.kind.moment(self._clock.now())}

    def _look_up(self, connection: Connection, process_id: str) -> ProcessRecord:
        now = self._database.kind.moment(self._clock.now()).label("now")
        row = connection.execute(select(processes, now).where(processes.c.id == process_id)).one()
        return ProcessRecord(
            id=row.id,
            pid=row.pid,
            start_ticks=row.start_ticks,
            pid_namespace=row.pid_namespace,
            boot_id=row.boot_id,
            silent_for=self._silence(row),
        )

    def _silence(self, row: Row[tuple[object, ...]]) -> timedelta | None:
        """By the clock that writer and reader share: the server's, or this machine's monotonic one within a boot."""
        if self._database.kind.BEATS_BY_DATABASE_CLOCK:
            since: timedelta = row.now - row.beat_at
            return since
        return self._clock.elapsed() - row.beat if row.boot_id == self._clock.boot_id() else None
