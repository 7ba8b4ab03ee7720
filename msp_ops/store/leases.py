"""One changing run a host. A lease is a row; its token only grows, so whoever slept through its loss is told."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Update, exists, insert, or_, select, update

from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.store.encode import rebuild
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema import host_results, intents, leases, resolutions, run_hosts, runs


class Leases:
    """Every method works inside the caller's write."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def take(self, connection: Connection, run: AnyRow, host_id: str, now: datetime) -> int:
        """The lease's token; NotPermitted when another run is at work there or left the host unknown."""
        self._refuse_unknown(connection, run.client_id, host_id)
        lease = _row(connection, run.client_id, host_id)
        if lease is None:
            connection.execute(
                insert(leases).values(client_id=run.client_id, host_id=host_id, token=1, run_id=run.id, taken_at=now)
            )
            return 1
        if lease.run_id == run.id:
            return int(lease.token)
        if lease.run_id is not None:
            self._refuse_at_work(connection, lease, now)
        token = int(lease.token) + 1
        connection.execute(_of(run.client_id, host_id).values(token=token, run_id=run.id, taken_at=now))
        return token

    def require(self, connection: Connection, run: AnyRow, host_id: str) -> None:
        """NotPermitted when the lease is not, or no longer, this run's."""
        lease = _row(connection, run.client_id, host_id)
        holder = None if lease is None else lease.run_id
        if holder != run.id:
            whose = "nobody holds it" if holder is None else f"run {holder} holds it"
            raise NotPermitted(
                f"run {run.id} must not change {run.client_id}/{host_id}: its lease is not, or no longer, that run's "
                f"({whose}); start the runbook again"
            )

    def _refuse_unknown(self, connection: Connection, client_id: str, host_id: str) -> None:
        for row in connection.execute(_perhaps_unknown(client_id, host_id)):
            if row.outcome is Outcome.UNKNOWN or not self._processes.is_at_work(
                connection, row.process_id, row.ended_at
            ):
                raise NotPermitted(
                    f"run {row.id} left {client_id}/{host_id} unknown: it may have changed the host; "
                    f"look at `msp-ops runs show {row.id}`, then `msp-ops runs resolve {row.id} {host_id} …`"
                )

    def _refuse_at_work(self, connection: Connection, lease: AnyRow, now: datetime) -> None:
        holder = connection.execute(select(runs).where(runs.c.id == lease.run_id)).one()
        if self._processes.is_at_work(connection, holder.process_id, holder.ended_at):
            actor: Actor = rebuild(Actor, holder.actor)
            who = f"technician {actor.name}" if actor.is_person else f"{actor.kind} {actor.name}"
            raise NotPermitted(
                f"{lease.client_id}/{lease.host_id} is being changed by run {holder.id} ({who}, since "
                f"{clock_time(lease.taken_at, now)}, runbook {holder.runbook_id}); "
                f"wait for it or ask {actor.name} to stop it"
            )


def free(connection: Connection, run: AnyRow, host_id: str) -> None:
    """Only the run's own lease."""
    connection.execute(_of(run.client_id, host_id).where(leases.c.run_id == run.id).values(run_id=None))


def _row(connection: Connection, client_id: str, host_id: str) -> AnyRow | None:
    chosen = select(leases).where(leases.c.client_id == client_id, leases.c.host_id == host_id)
    return connection.execute(chosen).one_or_none()


def _of(client_id: str, host_id: str) -> Update:
    return update(leases).where(leases.c.client_id == client_id, leases.c.host_id == host_id)


def _perhaps_unknown(client_id: str, host_id: str) -> Select[Any]:
    """Runs that ended unknown there, or began to change the host and have not said how it ended; not the resolved."""
    same_host = (run_hosts.c.run_id, run_hosts.c.host_id)
    begun = exists().where(intents.c.run_id == same_host[0], intents.c.host_id == same_host[1])
    joined = (
        run_hosts.join(runs, runs.c.id == run_hosts.c.run_id)
        .outerjoin(host_results, (host_results.c.run_id == same_host[0]) & (host_results.c.host_id == same_host[1]))
        .outerjoin(resolutions, (resolutions.c.run_id == same_host[0]) & (resolutions.c.host_id == same_host[1]))
    )
    return (
        select(runs.c.id, runs.c.process_id, runs.c.ended_at, host_results.c.outcome)
        .select_from(joined)
        .where(run_hosts.c.client_id == client_id, run_hosts.c.host_id == host_id, resolutions.c.run_id.is_(None))
        .where(or_(host_results.c.outcome == Outcome.UNKNOWN, host_results.c.outcome.is_(None) & begun))
        .order_by(runs.c.opened_at)
    )
