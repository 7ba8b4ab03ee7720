"""One host's result, written: its steps with their evidence and measurements."""

from datetime import timedelta

from sqlalchemy import Connection, insert, select

from msp_ops.domain.errors import StoreError
from msp_ops.domain.run import HostResult, StepResult
from msp_ops.store import evidence
from msp_ops.store.encode import written
from msp_ops.store.rows import AnyRow, interval_values
from msp_ops.store.schema import host_results, measurements, run_hosts, step_results


def save(connection: Connection, run: AnyRow, result: HostResult, elapsed: timedelta) -> None:
    """StoreError when the plan has no such host or the host has its result already."""
    refuse_stranger(connection, run, result.host_id)
    refuse_second(connection, run, result.host_id)
    connection.execute(
        insert(host_results).values(
            run_id=run.id,
            host_id=result.host_id,
            outcome=result.outcome,
            reason=result.reason,
            defect=result.defect,
            elapsed=elapsed,
            **interval_values(result.interval),
        )
    )
    for position, step in enumerate(result.steps):
        _save_step(connection, run, result.host_id, position, step)


def refuse_second(connection: Connection, run: AnyRow, host_id: str) -> None:
    """StoreError when the host of this run has its result already."""
    chosen = select(host_results).where(host_results.c.run_id == run.id, host_results.c.host_id == host_id)
    row = connection.execute(chosen).one_or_none()
    if row is not None:
        raise StoreError(
            f"run {run.id} already has a result of {run.client_id}/{host_id} ({row.outcome.word}, "
            f"{row.ended_at:%Y-%m-%d %H:%M} UTC): a result is written once"
        )


def refuse_stranger(connection: Connection, run: AnyRow, host_id: str) -> None:
    """StoreError when the run's plan does not name the host."""
    chosen = select(run_hosts.c.host_id).where(run_hosts.c.run_id == run.id, run_hosts.c.host_id == host_id)
    if connection.execute(chosen).first() is None:
        raise StoreError(f"the plan of run {run.id} does not name the host {run.client_id}/{host_id}")


def _save_step(connection: Connection, run: AnyRow, host_id: str, position: int, step: StepResult) -> None:
    if step.evidence is not None:
        evidence.keep(connection, step.evidence)
    connection.execute(
        insert(step_results).values(
            run_id=run.id,
            host_id=host_id,
            position=position,
            name=step.name,
            outcome=step.outcome,
            reason=step.reason,
            exit_code=step.exit_code,
            evidence_digest=None if step.evidence is None else step.evidence.digest,
            evidence_cut=None if step.evidence is None else step.evidence.cut,
            checks=written(step.checks),
            changed=written(step.changed),
            findings=written(step.findings),
            **interval_values(step.interval),
        )
    )
    for number, measurement in enumerate(step.measurements):
        place = {"run_id": run.id, "host_id": host_id, "step": position, "position": number, "client_id": run.client_id}
        figure = {"name": measurement.name, "value": measurement.value, "unit": measurement.unit, "at": measurement.at}
        connection.execute(insert(measurements).values(**place, **figure))
