"""Runs as any reader sees them, and how a person ends an unknown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from msp_ops.domain.clock import Interval
from msp_ops.domain.errors import PlanError
from msp_ops.domain.parcel import Intent
from msp_ops.domain.run import Resolution, Run
from msp_ops.store import intents, resolutions, spans
from msp_ops.store.database import Database
from msp_ops.store.processes import Processes
from msp_ops.store.reading import Depth
from msp_ops.store.rows import in_portions, run_row
from msp_ops.store.schema import runs
from msp_ops.store.unknowns import perhaps_unknown
from msp_ops.store.views import views

_SHOWN = 10
_newest_first = select(runs).order_by(runs.c.opened_at.desc(), runs.c.id.desc())


class Runs:
    """States are derived at the moment of the question; nobody has to be alive to write them."""

    def __init__(self, database: Database, processes: Processes) -> None:
        self._database = database
        self._processes = processes

    def read(self, run_id: str, depth: Depth = "evidence") -> Run:
        """One run. PlanError when there is none of that id."""
        chosen = select(runs).where(runs.c.id == run_id)
        with self._database.reading() as connection:
            found = self._views(connection, chosen, depth)
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
        depth: Depth = "ends",
    ) -> list[Run]:
        """The newest first, opened in [since, until)."""
        chosen = _newest_first.limit(limit)
        if client_id is not None:
            chosen = chosen.where(runs.c.client_id == client_id)
        if since is not None:
            chosen = chosen.where(runs.c.opened_at >= since)
        if until is not None:
            chosen = chosen.where(runs.c.opened_at < until)
        if open_only:
            chosen = chosen.where(runs.c.ended_at.is_(None))
        with self._database.reading() as connection:
            return [*self._views(connection, chosen, depth)]

    def unresolved(self, depth: Depth = "ends") -> Sequence[Run]:
        """All in which the end of a host is not known and nobody said it, closed or not; the newest first."""
        with self._database.reading() as connection:
            candidates = connection.scalars(perhaps_unknown()).all()
            found = [
                run
                for portion in in_portions(candidates)
                for run in self._views(connection, _newest_first.where(runs.c.id.in_(portion)), depth)
                if run.unresolved
            ]
        return sorted(found, key=lambda run: (run.opened_at, run.id), reverse=True)

    def abandoned(self) -> Sequence[Run]:
        """Open ones whose process is dead or has left, and how their hosts ended; the newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_newest_first.where(runs.c.ended_at.is_(None))).all()
            at_work = self._processes.at_work(connection, {row.process_id for row in rows})
            left = [row for row in rows if row.process_id not in at_work]
            return views(connection, left, self._processes, "ends")

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
            resolutions.save(connection, resolution, self._processes)

    def intents(self, run_id: str, host_id: str) -> tuple[Intent, ...]:
        """What that host was to be told, in the order of saving."""
        with self._database.reading() as connection:
            return intents.of_host(connection, run_id, host_id)

    def last_intents(self, run_id: str) -> dict[str, Intent]:
        """What each host was to be told last, for those that were to be told anything."""
        with self._database.reading() as connection:
            return intents.last_of_each(connection, run_id)

    def interval_so_far(self, run_id: str) -> Interval | None:
        """What a run has worked until its last sign of life; None when it began no host.

        First host's start to last host's end, or to the last heartbeat when a host that began has no result: the
        close of a dead process's run measures its work so.
        """
        with self._database.reading() as connection:
            return spans.so_far(connection, run_row(connection, run_id))

    def _views(self, connection: Connection, chosen: Select[Any], depth: Depth) -> Sequence[Run]:
        rows = connection.execute(chosen).all()
        return views(connection, rows, self._processes, depth)


def _latest(connection: Connection) -> str:
    newest = select(runs.c.id).order_by(runs.c.opened_at.desc()).limit(_SHOWN)
    there_are = [str(run_id) for run_id in connection.scalars(newest)]
    return f"the latest are {', '.join(there_are)}" if there_are else "the store has no run yet"
