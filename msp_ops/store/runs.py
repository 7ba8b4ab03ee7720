"""Runs as any reader sees them, and how a person ends an unknown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Interval
from msp_ops.domain.errors import PlanError
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import Resolution, Run
from msp_ops.domain.trigger import Trigger
from msp_ops.domain.wording import listed
from msp_ops.store import leases, resolutions, spans
from msp_ops.store.database import Database
from msp_ops.store.encode import rebuild
from msp_ops.store.processes import Processes
from msp_ops.store.reading import Parts, parts
from msp_ops.store.rows import AnyRow, run_row
from msp_ops.store.schema import runs
from msp_ops.store.states import host_state
from msp_ops.store.unknowns import perhaps_unknown

_SHOWN = 10


class Runs:
    """States are derived at the moment of the question; nobody has to be alive to write them."""

    def __init__(self, database: Database, processes: Processes) -> None:
        self._database = database
        self._processes = processes

    def read(self, run_id: str) -> Run:
        """One run with all its evidence; PlanError when there is none of that id."""
        chosen = select(runs).where(runs.c.id == run_id)
        with self._database.reading() as connection:
            found = self._rebuilt(connection, chosen, with_evidence=True)
            if not found:
                raise PlanError(f"there is no run {run_id}; {_latest(connection)}")
        return found[0]

    def list(
        self,
        client_id: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        open_only: bool = False,
        limit: int | None = 200,
    ) -> list[Run]:
        """The newest first, opened in [since, until), without evidence: `read` brings that of one run."""
        chosen = select(runs).order_by(runs.c.opened_at.desc(), runs.c.id.desc()).limit(limit)
        if client_id is not None:
            chosen = chosen.where(runs.c.client_id == client_id)
        if since is not None:
            chosen = chosen.where(runs.c.opened_at >= since)
        if until is not None:
            chosen = chosen.where(runs.c.opened_at < until)
        if open_only:
            chosen = chosen.where(runs.c.ended_at.is_(None))
        with self._database.reading() as connection:
            return [*self._rebuilt(connection, chosen, with_evidence=False)]

    def unresolved(self) -> Sequence[Run]:
        """All in which the end of a host is not known and nobody said it, closed or not; the newest first."""
        with self._database.reading() as connection:
            candidates = connection.scalars(perhaps_unknown()).all()
            chosen = select(runs).where(runs.c.id.in_(candidates)).order_by(runs.c.opened_at.desc(), runs.c.id.desc())
            found = self._rebuilt(connection, chosen, with_evidence=False) if candidates else ()
        return [run for run in found if run.unresolved]

    def find(self, suffix: str) -> str:
        """The id of the one run that ends so; PlanError with what there is when none or several do."""
        ends_so = runs.c.id.endswith(suffix, autoescape=True)
        with self._database.reading() as connection:
            chosen = select(runs.c.id).where(ends_so).order_by(runs.c.opened_at.desc()).limit(_SHOWN)
            found = [str(run_id) for run_id in connection.scalars(chosen)]
            if suffix in found:
                return suffix
            if not found or not suffix:
                raise PlanError(f"no run's id ends in `{suffix}`; {_latest(connection)}")
        if len(found) > 1:
            raise PlanError(f"several runs end in `{suffix}`: {', '.join(found)}; give more of the id")
        return found[0]

    def resolve(self, resolution: Resolution) -> None:
        """Append how an unknown host ended and free its lease; NotPermitted when it is not unknown, or resolved."""
        with self._database.writing() as connection:
            row = run_row(connection, resolution.run_id)
            run = self._rebuilt(connection, select(runs).where(runs.c.id == row.id), with_evidence=False)[0]
            host = next((host for host in run.hosts if host.host_id == resolution.host_id), None)
            if host is None:
                raise PlanError(f"run {run.id} has no host {resolution.host_id}; it has {listed(run.plan.host_ids())}")
            resolutions.append(connection, row, host, resolution)
            leases.free(connection, row, host.host_id)

    def interval_so_far(self, run_id: str) -> Interval | None:
        """What a run has worked until its last sign of life; None when it began no host.

        First host's start to last host's end, or to the last heartbeat when a host that began has no result: the
        close of a dead process's run measures its work so.
        """
        with self._database.reading() as connection:
            return spans.so_far(connection, run_row(connection, run_id))

    def _rebuilt(self, connection: Connection, chosen: Select[Any], *, with_evidence: bool) -> tuple[Run, ...]:
        rows = connection.execute(chosen).all()
        found = parts(connection, _ids(chosen), with_evidence=with_evidence)
        open_processes = {row.process_id for row in rows if row.ended_at is None}
        at_work = {process for process in open_processes if self._processes.is_at_work(connection, process)}
        return tuple(_run(row, found, going_on=row.ended_at is None and row.process_id in at_work) for row in rows)


def _ids(chosen: Select[Any]) -> Select[Any]:
    limited = chosen.subquery()
    return select(limited.c.id)


def _run(row: AnyRow, found: Parts, *, going_on: bool) -> Run:
    places = [(row.id, host_id) for host_id in found.hosts.get(row.id, [])]
    return Run(
        id=row.id,
        plan=rebuild(Plan, row.plan),
        trigger=rebuild(Trigger, row.trigger),
        actor=rebuild(Actor, row.actor),
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        abandoned=row.ended_at is None and not going_on,
        hosts=tuple(
            host_state(
                place[1],
                found.results.get(place),
                found.resolutions.get(place),
                intended=place in found.intended,
                going_on=going_on,
            )
            for place in places
        ),
    )


def _latest(connection: Connection) -> str:
    newest = select(runs.c.id).order_by(runs.c.opened_at.desc()).limit(_SHOWN)
    there_are = [str(run_id) for run_id in connection.scalars(newest)]
    return f"the latest are {', '.join(there_are)}" if there_are else "the store has no run yet"
