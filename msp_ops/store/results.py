"""One host's result, written: its steps with their evidence and measurements."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection, insert, select

from msp_ops.domain.errors import StoreError
from msp_ops.domain.finding import Measurement
from msp_ops.domain.run import HostResult, StepResult
from msp_ops.store import evidence
from msp_ops.store.encode import written
from msp_ops.store.rows import AnyRow, insert_all, interval_values
from msp_ops.store.schema import host_results, measurements, run_hosts, step_results


def save(connection: Connection, run: AnyRow, result: HostResult, process_id: str, elapsed: timedelta) -> None:
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
            process_id=process_id,
            **interval_values(result.interval),
        )
    )
    save_steps(connection, run, result.host_id, result.steps)


def save_steps(connection: Connection, run: AnyRow, host_id: str, steps: Sequence[StepResult], first: int = 0) -> None:
    """With what they said and measured; the result that they belong to is there."""
    host = {"run_id": run.id, "host_id": host_id}
    evidence.keep(connection, [step.evidence for step in steps if step.evidence is not None])
    rows = [_step_row({**host, "position": number}, step) for number, step in enumerate(steps, first)]
    insert_all(connection, step_results, rows)
    figures = [
        _figure({**host, "step": number, "position": position, "client_id": run.client_id}, measurement)
        for number, step in enumerate(steps, first)
        for position, measurement in enumerate(step.measurements)
    ]
    insert_all(connection, measurements, figures)


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


def _step_row(place: Mapping[str, object], step: StepResult) -> dict[str, object]:
    return {
        **place,
        "name": step.name,
        "outcome": step.outcome,
        "reason": step.reason,
        "exit_code": step.exit_code,
        "evidence_digest": None if step.evidence is None else step.evidence.digest,
        "evidence_cut": None if step.evidence is None else step.evidence.cut,
        "checks": written(step.checks),
        "changed": written(step.changed),
        "findings": written(step.findings),
        **interval_values(step.interval),
    }


def _figure(place: Mapping[str, object], measurement: Measurement) -> dict[str, object]:
    return {
        **place,
        "name": measurement.name,
        "value": measurement.value,
        "unit": measurement.unit,
        "at": measurement.at,
    }
