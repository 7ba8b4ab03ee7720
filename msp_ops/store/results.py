"""One host's result, written: its steps with their evidence and measurements."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from sqlalchemy import Connection

from msp_ops.domain.finding import Finding, Measurement
from msp_ops.domain.run import HostResult, StepResult
from msp_ops.store import evidence
from msp_ops.store.bulk import insert_all
from msp_ops.store.encode import written
from msp_ops.store.places import refuse_second
from msp_ops.store.rows import AnyRow, interval_values
from msp_ops.store.schema import host_results, measurements, step_results


def save(connection: Connection, place: AnyRow, result: HostResult, process_id: str, elapsed: timedelta) -> None:
    """NotPermitted when the host has its result already."""
    refuse_second(place)
    row = {
        "run_id": place.id,
        "host_id": result.host_id,
        "outcome": result.outcome,
        "reason": result.reason,
        "defect": result.defect,
        "elapsed": elapsed,
        "process_id": process_id,
        **interval_values(result.interval),
    }
    insert_all(connection, host_results, [row])
    save_steps(connection, place, result.steps)


def save_steps(connection: Connection, place: AnyRow, steps: Sequence[StepResult], first: int = 0) -> None:
    """With what they said and measured; the result that they belong to is there."""
    host = {"run_id": place.id, "host_id": place.host_id}
    evidence.keep(connection, [step.evidence for step in steps if step.evidence is not None])
    insert_all(connection, step_results, [_step_row(host, number, step) for number, step in enumerate(steps, first)])
    figures = [
        _figure({**host, "step": number, "position": position, "client_id": place.client_id}, measurement)
        for number, step in enumerate(steps, first)
        for position, measurement in enumerate(step.measurements)
    ]
    insert_all(connection, measurements, figures)


def _step_row(host: Mapping[str, str], number: int, step: StepResult) -> dict[str, object]:
    return {
        **host,
        "position": number,
        "name": step.name,
        "outcome": step.outcome,
        "reason": step.reason,
        "exit_code": step.exit_code,
        "evidence_digest": None if step.evidence is None else step.evidence.digest,
        "evidence_cut": None if step.evidence is None else step.evidence.cut,
        "checks": _text(step.checks),
        "changed": _text(step.changed),
        "findings": _text(step.findings),
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


@lru_cache(maxsize=1024)
def _text(values: tuple[str | Finding, ...]) -> str:
    """A thousand hosts ask the same checks and mostly find nothing: each list is spelled once."""
    return written(values)
