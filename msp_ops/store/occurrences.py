"""Planned times and their one end each. Claiming here is the guard against running one twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.occurrence import Occurrence, OccurrenceState
from msp_ops.store.database import Database
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema_time import occurrences

PLANNED, CLAIMED, SUPERSEDED = OccurrenceState.PLANNED, OccurrenceState.CLAIMED, OccurrenceState.SUPERSEDED


class Occurrences:
    """What the calendar planned and what became of it."""

    def __init__(self, database: Database, clock: Clock, processes: Processes) -> None:
        self._database = database
        self._clock = clock
        self._processes = processes

    def plan(self, client_id: str, until: datetime, planned: Sequence[Occurrence]) -> None:
        """The client's occurrences later than now and not later than `until` are exactly these.

        Missing ones are added; those that are planned in the store and are not in the list any more become superseded.
        What was claimed, skipped or has ended stays as it is.
        """
        now = self._clock.now()
        strangers = [each.id for each in planned if each.client_id != client_id]
        if strangers:
            raise PlanError(f"the occurrences {', '.join(strangers)} are not of the client {client_id}")
        with self._database.writing() as connection:
            known = {row.id: row for row in connection.execute(_of_client(client_id))}
            for each in planned:
                self._add_or_revive(connection, each, known.get(each.id))
            wanted = {each.id for each in planned}
            for row in known.values():
                if row.id not in wanted and row.state == PLANNED and now < row.planned_at <= until:
                    _change(connection, row.id, state=SUPERSEDED, reason="its schedule was changed")

    def claim(self, occurrence_id: str, by: str) -> Occurrence:
        """Ours alone from now on; NotPermitted says why it cannot be: not there, ended, claimed by whom."""
        with self._database.writing() as connection:
            row = _row(connection, occurrence_id)
            if row is None:
                raise NotPermitted(
                    f"there is no occurrence {occurrence_id}: its schedule was changed or never planned it"
                )
            self._refuse_unless_planned(row)
            now = self._clock.now()
            if now < row.planned_at:
                raise NotPermitted(
                    f"{row.schedule_id} of {row.client_id} is planned for {row.planned_at:%Y-%m-%d %H:%MZ}"
                )
            process_id = self._processes.sign_in(connection)
            claimed = {"state": CLAIMED, "claimed_by": by, "claimed_at": now, "process_id": process_id}
            _change(connection, occurrence_id, **claimed)
            return _occurrence(_known_row(connection, occurrence_id))

    def read(self, occurrence_id: str) -> Occurrence:
        """NotPermitted when there is none of that id."""
        with self._database.reading() as connection:
            row = _row(connection, occurrence_id)
            if row is None:
                raise NotPermitted(
                    f"there is no occurrence {occurrence_id}: its schedule was changed or never planned it"
                )
            return _occurrence(row)

    def finish(self, occurrence_id: str, state: OccurrenceState, reason: str = "", run_id: str | None = None) -> None:
        """Its one end; NotPermitted when it has ended already."""
        if state.is_open:
            raise PlanError(f"`{state}` is not an end of an occurrence")
        with self._database.writing() as connection:
            row = _known_row(connection, occurrence_id)
            if not OccurrenceState(row.state).is_open:
                raise NotPermitted(_ended(row))
            _change(connection, occurrence_id, state=state, reason=reason, run_id=run_id)

    def skip(self, occurrence_id: str, by: str, reason: str) -> None:
        """A person leaves out one planned time; NotPermitted when it is claimed or has ended."""
        with self._database.writing() as connection:
            row = _known_row(connection, occurrence_id)
            self._refuse_unless_planned(row)
            _change(connection, occurrence_id, state=OccurrenceState.SKIPPED, reason=f"{by}: {reason}")

    def list(
        self,
        client_id: str | None = None,
        state: OccurrenceState | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Occurrence]:
        """Planned in [since, until), the earliest first."""
        chosen = select(occurrences).order_by(occurrences.c.planned_at, occurrences.c.id)
        if client_id is not None:
            chosen = chosen.where(occurrences.c.client_id == client_id)
        if state is not None:
            chosen = chosen.where(occurrences.c.state == state)
        if since is not None:
            chosen = chosen.where(occurrences.c.planned_at >= since)
        if until is not None:
            chosen = chosen.where(occurrences.c.planned_at < until)
        with self._database.reading() as connection:
            return [_occurrence(row) for row in connection.execute(chosen)]

    def due_unclaimed(self, now: datetime) -> Sequence[Occurrence]:
        """Planned, and nobody came before the latest start: the calendar ends these, in red."""
        chosen = select(occurrences).where(occurrences.c.state == PLANNED, occurrences.c.latest_start_at < now)
        with self._database.reading() as connection:
            return [_occurrence(row) for row in connection.execute(chosen.order_by(occurrences.c.planned_at))]

    def left_behind(self) -> Sequence[Occurrence]:
        """Claimed by a process that died before it said how they ended."""
        chosen = select(occurrences).where(occurrences.c.state == CLAIMED).order_by(occurrences.c.planned_at)
        with self._database.reading() as connection:
            rows = connection.execute(chosen).all()
            at_work = self._processes.at_work(connection, {row.process_id for row in rows})
            return [_occurrence(row) for row in rows if row.process_id not in at_work]

    def _add_or_revive(self, connection: Connection, planned: Occurrence, known: AnyRow | None) -> None:
        """A schedule that is changed back plans what it had planned before."""
        if known is None:
            connection.execute(
                insert(occurrences).values(
                    id=planned.id,
                    client_id=planned.client_id,
                    schedule_id=planned.schedule_id,
                    planned_at=planned.planned_at,
                    latest_start_at=planned.latest_start_at,
                    state=planned.state,
                    reason=planned.reason,
                    run_id=planned.run_id,
                )
            )
        elif known.state == SUPERSEDED:
            _change(connection, planned.id, state=PLANNED, reason="")

    def _refuse_unless_planned(self, row: AnyRow) -> None:
        if row.state == CLAIMED:
            since = clock_time(row.claimed_at, self._clock.now())
            raise NotPermitted(f"occurrence {row.id} was claimed by {row.claimed_by} at {since}: it runs once")
        if row.state != PLANNED:
            raise NotPermitted(_ended(row))


def _ended(row: AnyRow) -> str:
    why = f" ({row.reason})" if row.reason else ""
    return f"occurrence {row.id} has ended: {row.state}{why}; an occurrence has one end"


def _of_client(client_id: str) -> Select[Any]:
    return select(occurrences).where(occurrences.c.client_id == client_id)


def _row(connection: Connection, occurrence_id: str) -> AnyRow | None:
    return connection.execute(select(occurrences).where(occurrences.c.id == occurrence_id)).one_or_none()


def _known_row(connection: Connection, occurrence_id: str) -> AnyRow:
    row = _row(connection, occurrence_id)
    if row is None:
        raise PlanError(
            f"there is no occurrence {occurrence_id}; `msp-ops schedules next` shows those that are planned"
        )
    return row


def _change(connection: Connection, occurrence_id: str, **values: object) -> None:
    connection.execute(update(occurrences).where(occurrences.c.id == occurrence_id).values(**values))


def _occurrence(row: AnyRow) -> Occurrence:
    return Occurrence(
        id=row.id,
        client_id=row.client_id,
        schedule_id=row.schedule_id,
        planned_at=row.planned_at,
        latest_start_at=row.latest_start_at,
        state=OccurrenceState(row.state),
        reason=row.reason,
        run_id=row.run_id,
    )
