"""How an `unknown` ended, with the steps that prove it: they follow those that the host's result has already."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, func, select

from msp_ops.domain.clock import Clock, Interval
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostResult, HostState, Resolution, StepResult
from msp_ops.store import findings, resolutions, results
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow, run_row
from msp_ops.store.schema import step_results


def save(
    connection: Connection, resolution: Resolution, steps: Sequence[StepResult], processes: Processes, clock: Clock
) -> None:
    """NotPermitted as a resolution is, and for a host that has no result while its run is open."""
    host = resolutions.save(connection, resolution, processes)
    run = run_row(connection, resolution.run_id)
    if host.result is None and steps:
        _write_down(connection, run, host, steps, clock)
    chosen = select(func.count()).where(step_results.c.run_id == run.id, step_results.c.host_id == host.host_id)
    there = connection.execute(chosen).scalar_one()
    results.save_steps(connection, run, host.host_id, steps, there)
    findings.track(connection, run, host.host_id, steps)


def _write_down(
    connection: Connection, run: AnyRow, host: HostState, steps: Sequence[StepResult], clock: Clock
) -> None:
    """What was derived becomes a result, for the steps to belong to; it took as long as the proof."""
    if run.ended_at is None:
        raise NotPermitted(f"run {run.id} is open: adopt it and record how {run.client_id}/{host.host_id} ended")
    first, last = steps[0].interval, steps[-1].interval
    took = sum((step.interval.duration for step in steps), start=timedelta(0))
    interval = Interval(started_at=first.started_at, ended_at=last.ended_at, duration=took, boot_id=first.boot_id)
    unknown = HostResult(host_id=host.host_id, outcome=Outcome.UNKNOWN, reason=host.reason, interval=interval)
    results.save(connection, run, unknown, clock.elapsed())
