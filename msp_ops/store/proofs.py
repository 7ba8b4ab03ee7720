"""How an `unknown` host ended, as recovery found it out."""

from sqlalchemy import Connection, func, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.run import HostResult, Resolution
from msp_ops.store import findings, leases, resolutions, results
from msp_ops.store.processes import Processes
from msp_ops.store.rows import run_row
from msp_ops.store.schema import step_results

PROVER = "msp-ops"


def save(connection: Connection, run_id: str, result: HostResult, processes: Processes, clock: Clock) -> None:
    """The host's result where it has none; else its steps follow those that are there, and a resolution says the rest.

    Refuses as a resolution does.
    """
    run = run_row(connection, run_id)
    proof = Resolution(
        run_id=run_id,
        host_id=result.host_id,
        verdict=result.outcome,
        by=PROVER,
        reason=result.reason,
        at=clock.now(),
    )
    host = resolutions.unknown_host(connection, run, proof, processes)
    if host.result is None:
        results.save(connection, run, result, processes.own_id, clock.elapsed())
        leases.free(connection, run, result.host_id)
    else:
        there = select(func.count()).where(step_results.c.run_id == run.id, step_results.c.host_id == host.host_id)
        first = connection.execute(there).scalar_one()
        results.save_steps(connection, run, host.host_id, result.steps, first)
        resolutions.append(connection, run, proof)
    findings.track(connection, run, result.host_id, result.steps)
