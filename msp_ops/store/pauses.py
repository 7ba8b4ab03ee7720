"""Schedules that a person stopped for a while."""

from sqlalchemy import Delete, delete, insert, or_, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import PlanError
from msp_ops.domain.occurrence import Pause
from msp_ops.store.database import Database
from msp_ops.store.schema_time import pauses


class Pauses:
    """One a schedule; a later one takes the place of an earlier."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def pause(self, pause: Pause) -> None:
        with self._database.writing() as connection:
            connection.execute(_of(pause.client_id, pause.schedule_id))
            connection.execute(
                insert(pauses).values(
                    client_id=pause.client_id,
                    schedule_id=pause.schedule_id,
                    until=pause.until,
                    by=pause.by,
                    reason=pause.reason,
                )
            )

    def resume(self, client_id: str, schedule_id: str) -> None:
        """PlanError when that schedule is not paused."""
        with self._database.writing() as connection:
            if connection.execute(_of(client_id, schedule_id)).rowcount == 0:
                raise PlanError(f"the schedule {schedule_id} of {client_id} is not paused")

    def list(self) -> list[Pause]:
        """Those that hold now."""
        holding = or_(pauses.c.until.is_(None), pauses.c.until > self._clock.now())
        chosen = select(pauses).where(holding).order_by(pauses.c.client_id, pauses.c.schedule_id)
        with self._database.reading() as connection:
            return [
                Pause(
                    client_id=row.client_id, schedule_id=row.schedule_id, until=row.until, by=row.by, reason=row.reason
                )
                for row in connection.execute(chosen)
            ]


def _of(client_id: str, schedule_id: str) -> Delete:
    return delete(pauses).where(pauses.c.client_id == client_id, pauses.c.schedule_id == schedule_id)
