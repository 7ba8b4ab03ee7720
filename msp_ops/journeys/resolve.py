"""How an `unknown` ends: a named person says what is true of the host, and why."""

from collections.abc import Sequence
from dataclasses import replace

from msp_ops.billing.charges import charge
from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Resolution, Run
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.time_spent import work_of

VERDICTS = {"done": Outcome.SUCCEEDED, "not-done": Outcome.DEFERRED, "written-off": Outcome.FAILED}


def resolve(parts: Parts, run_id: str, host_id: str, verdict: str, reason: str, actor: Actor) -> Run:
    """Append the verdict; after the last one the run is closed, its time marked as estimated."""
    run = parts.store.runs.read(parts.store.runs.find(run_id))
    if host_id not in {host.host_id for host in run.unresolved}:
        unknown = ", ".join(host.host_id for host in run.unresolved) or "none"
        raise PlanError(f"{host_id} is not unknown in run {run.id}; unknown there: {unknown}")
    parts.store.runs.resolve(
        Resolution(
            run_id=run.id,
            host_id=host_id,
            verdict=VERDICTS[verdict],
            by=actor.name,
            reason=reason,
            at=parts.clock.now(),
        )
    )
    return close_when_settled(parts, run.id)


def close_when_settled(parts: Parts, run_id: str) -> Run:
    """A dead process's run gets its end and its work record once nothing in it is unknown."""
    run = parts.store.runs.read(run_id)
    if run.ended_at is None and run.outcome is not None and not run.unresolved:
        runbook = parts.workspace.runbook(run.plan.runbook_id)
        work = work_of(run, runbook.activity, parts.store.runs.interval_so_far(run.id), attended=None)
        work = replace(work, flags=(*work.flags, "estimated"))
        client = parts.workspace.client(run.plan.client_id)
        parts.store.journal.close_run(run.id, work, charge(work, client))
    return parts.store.runs.read(run_id)


def left_open(parts: Parts) -> Sequence[Run]:
    """Runs whose process died; those with nothing unknown are closed on the way."""
    abandoned = [run for run in parts.store.runs.list(open_only=True) if run.outcome is not None]
    return [run for run in (close_when_settled(parts, run.id) for run in abandoned) if run.unresolved]
