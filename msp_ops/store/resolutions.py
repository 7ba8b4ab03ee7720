"""How an `unknown` ended, by a named person or by proof: appended, never overwritten."""

from sqlalchemy import Connection, bindparam, insert, select

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostState, Resolution
from msp_ops.domain.wording import listed
from msp_ops.store import leases
from msp_ops.store.places import place_of
from msp_ops.store.processes import Processes
from msp_ops.store.reading import resolution_of, result_of
from msp_ops.store.rows import AnyRow, clock_time, run_row
from msp_ops.store.schema import host_results, intents, resolutions, run_hosts
from msp_ops.store.states import host_state

_of_host = [
    select(table).where(table.c.run_id == bindparam("of_run"), table.c.host_id == bindparam("of_host"))
    for table in (run_hosts, intents, host_results, resolutions)
]


def save(connection: Connection, resolution: Resolution, processes: Processes) -> None:
    """The host's lease is free then. Refuses as `unknown_host` does."""
    unknown_host(connection, resolution, processes)
    append(connection, resolution)


def unknown_host(connection: Connection, resolution: Resolution, processes: Processes) -> HostState:
    """The host that is to be resolved so.

    NotPermitted unless it is unknown and nobody resolved it; PlanError for a host or a verdict that is none.
    """
    run = run_row(connection, resolution.run_id)
    host = _state(connection, run, resolution.host_id, processes)
    _refuse(run, host, resolution)
    return host


def append(connection: Connection, resolution: Resolution) -> None:
    """Whoever calls has made sure that it may be."""
    connection.execute(
        insert(resolutions).values(
            run_id=resolution.run_id,
            host_id=resolution.host_id,
            verdict=resolution.verdict,
            by=resolution.by,
            reason=resolution.reason,
            at=resolution.at,
        )
    )
    leases.free(connection, place_of(connection, resolution.run_id, resolution.host_id))


def _state(connection: Connection, run: AnyRow, host_id: str, processes: Processes) -> HostState:
    """As any reader sees it; of its result, not the steps."""
    place = {"of_run": run.id, "of_host": host_id}
    planned, intended, result, resolution = (connection.execute(chosen, place).first() for chosen in _of_host)
    if planned is None:
        names = select(run_hosts.c.host_id).where(run_hosts.c.run_id == run.id).order_by(run_hosts.c.position)
        raise PlanError(f"run {run.id} has no host {host_id}; it has {listed(connection.scalars(names))}")
    return host_state(
        host_id,
        None if result is None else result_of(result, ()),
        None if resolution is None else resolution_of(resolution),
        intended=intended is not None,
        going_on=run.ended_at is None and processes.is_at_work(connection, run.process_id),
    )


def _refuse(run: AnyRow, host: HostState, resolution: Resolution) -> None:
    where = f"{run.client_id}/{host.host_id} of run {run.id}"
    if resolution.verdict is Outcome.UNKNOWN:
        raise PlanError(f"a resolution says how {where} ended: `unknown` is what it is already")
    if host.resolution is not None:
        earlier = host.resolution
        raise NotPermitted(
            f"{earlier.by} resolved {where} at {clock_time(earlier.at, resolution.at)} as {earlier.verdict.word} "
            f"({earlier.reason}): a resolution is given once"
        )
    if host.outcome is not Outcome.UNKNOWN:
        how = "still going on" if host.outcome is None else host.outcome.word
        raise NotPermitted(f"{where} is not unknown but {how}: only an unknown needs a resolution")
