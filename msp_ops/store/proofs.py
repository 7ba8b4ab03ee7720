"""How an `unknown` host ended, as recovery found it out."""

from sqlalchemy import Connection, func, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.run import HostResult, Resolution
from msp_ops.store import findings, leases, resolutions, results
from msp_ops.store.places import place_of
from msp_ops.store.processes import Processes
from msp_ops.store.schema import step_results

PROVER = "msp-ops"


def save(connection: Connection, run_id: str, result: HostResult, processes: Processes, clock: Clock) -> None:
    """The host's result where it has none; else its steps follow those that are there, and a resolution says the rest.

    Refuses as a resolution does.
    """
    proof = Resolution(
        run_id=run_id,
        host_id=result.host_id,
        verdict=result.outcome,
        by=PROVER,
        reason=result.reason,
        at=clock.now(),
    )
    host = resolutions.unknown_host(connection, proof, processes)
    place = place_of(connection, run_id, result.host_id)
    if host.result is None:
        results.save(connection, place, result, processes.own_id, clock.elapsed())
        leases.free(connection, place)
    else:
        there = select(func.count()).where(step_results.c.run_id == run_id, step_results.c.host_id == place.host_id)
        results.save_steps(connection, place, result.steps, connection.execute(there).scalar_one())
        resolutions.append(connection, proof)
    findings.track(connection, place, result.steps)
