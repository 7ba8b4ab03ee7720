"""One changing run a host. A lease is a row; its token only grows, so whoever slept through its loss is refused."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Update, exists, insert, or_, select, update

from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import HostBusy, NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease
from msp_ops.store import tokens
from msp_ops.store.encode import rebuild
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema import host_results, intents, leases, resolutions, run_hosts, runs


class Leases:
    """Every method works inside the caller's write."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def take(self, connection: Connection, place: AnyRow, peers: Collection[str], now: datetime) -> Lease:
        """HostBusy: another run is at work there, or on one of `peers`; NotPermitted: one left the host unknown."""
        self._refuse_unknown(connection, place.client_id, place.host_id)
        if place.holder == place.id:
            return tokens.known(connection, place.token)
        if place.holder is not None:
            self._refuse_at_work(connection, place, now)
        for peer in connection.execute(_held_by_others(place, peers)) if peers else ():
            self._refuse_at_work(connection, peer, now, f"{place.host_id} is of the same service group: ")
        lease = tokens.draw(connection, now)
        given = {"token": lease.token, "run_id": place.id, "taken_at": now}
        if place.token is None:
            connection.execute(insert(leases).values(client_id=place.client_id, host_id=place.host_id, **given))
        else:
            connection.execute(_of(place).values(**given))
        return lease

    def _refuse_unknown(self, connection: Connection, client_id: str, host_id: str) -> None:
        for row in connection.execute(_perhaps_unknown(client_id, host_id)):
            going_on = row.ended_at is None and self._processes.is_at_work(connection, row.process_id)
            if row.outcome is Outcome.UNKNOWN or not going_on:
                raise NotPermitted(
                    f"run {row.id} left {client_id}/{host_id} unknown: it may have changed it; "
                    f"ask: `msp-ops recover {row.id}`; what it cannot tell: `msp-ops runs resolve {row.id} {host_id} …`"
                )

    def _refuse_at_work(self, connection: Connection, place: AnyRow, now: datetime, whose: str = "") -> None:
        holder = connection.execute(select(runs).where(runs.c.id == place.holder)).one()
        if holder.ended_at is None and self._processes.is_at_work(connection, holder.process_id):
            actor: Actor = rebuild(Actor, holder.actor)
            who = f"technician {actor.name}" if actor.is_person else f"{actor.kind} {actor.name}"
            raise HostBusy(
                f"{whose}{place.client_id}/{place.host_id} is being changed by run {holder.id} ({who}, since "
                f"{clock_time(place.taken_at, now)}, runbook {holder.runbook_id}); "
                f"wait for it or ask {actor.name} to stop it"
            )


def require(connection: Connection, place: AnyRow, lease: Lease) -> None:
    """NotPermitted when that very lease is not, or no longer, the host's."""
    if place.holder == place.id and tokens.known(connection, place.token) == lease:
        return
    whose = {None: "nobody holds it", place.id: "that is another one"}.get(place.holder, f"run {place.holder} holds it")
    raise NotPermitted(
        f"run {place.id} must not change {place.client_id}/{place.host_id}: its lease is not, or no longer, that run's "
        f"({whose}); start the runbook again"
    )


def free(connection: Connection, place: AnyRow) -> None:
    """Only the run's own lease."""
    if place.holder == place.id:
        connection.execute(_of(place).values(run_id=None))


def _of(place: AnyRow) -> Update:
    return update(leases).where(leases.c.client_id == place.client_id, leases.c.host_id == place.host_id)


def _held_by_others(place: AnyRow, peers: Collection[str]) -> Select[Any]:
    held = select(leases.c.client_id, leases.c.host_id, leases.c.run_id.label("holder"), leases.c.taken_at)
    return held.where(leases.c.client_id == place.client_id, leases.c.host_id.in_(peers), leases.c.run_id != place.id)


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
