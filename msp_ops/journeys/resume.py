"""What a run left undone, asked for again: the same runbook, parameters and ticket, only the hosts that need it."""

from msp_ops.domain.actor import Actor
from msp_ops.domain.binding import still_fit
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Run
from msp_ops.domain.selection import select_hosts
from msp_ops.domain.trigger import OnDemand
from msp_ops.journeys.given import same_files
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import Asked


def what_is_left(parts: Parts, run: Run, actor: Actor, attended: Stopwatch, *, only_failed: bool) -> Asked:
    """PlanError when nothing is left or the runbook has changed since; NotPermitted while the run goes on."""
    if run.outcome is None:
        raise NotPermitted(
            f"run {run.id} is still going on; wait for its end, or stop it: msp-ops runs cancel {run.id}"
        )
    runbook = parts.workspace.version(run.plan.runbook_id, run.plan.runbook_digest)
    if runbook.digest != run.plan.runbook_digest:
        raise PlanError(
            f"{runbook.id} has changed since run {run.id}, so the rest of it cannot be resumed; start the new one: "
            f"msp-ops run {runbook.id}"
        )
    later = _resumed(parts, run)
    wanted = [host.host_id for host in run.hosts if _is_left(host.outcome, only_failed=only_failed)]
    left = [host_id for host_id in wanted if host_id not in later]
    if wanted and not left:
        raise PlanError(
            f"all of it was resumed already by run {', '.join(sorted(set(later.values())))}: look there first"
        )
    if not left:
        raise PlanError(f"nothing of run {run.id} is left to do" + (" on hosts that failed" if only_failed else ""))
    client = parts.workspace.client(run.plan.client_id)
    return Asked(
        client=client,
        runbook=run.plan.as_run(runbook),
        hosts=select_hosts(client, ",".join(left)),
        parameters=still_fit(runbook, run.plan.parameters, client),
        trigger=OnDemand(ticket=run.trigger.ticket if isinstance(run.trigger, OnDemand) else None, reason=_reason(run)),
        actor=actor,
        attended=attended,
        at_once=run.plan.at_once,
        rollout=run.plan.rollout,
        undoes=run.plan.undoes,
        files=same_files(parts.workspace, runbook, run),
    )


def _is_left(outcome: Outcome | None, *, only_failed: bool) -> bool:
    """What is unknown is not left: it must be found out first."""
    if only_failed:
        return outcome is Outcome.FAILED
    return outcome is not None and not outcome.is_good and outcome is not Outcome.UNKNOWN


def _reason(run: Run) -> str:
    return f"resumes run {run.id}"


def _resumed(parts: Parts, run: Run) -> dict[str, str]:
    """Hosts that another run took up since, and has not left undone; and which run that was."""
    since = parts.store.runs.list(run.plan.client_id, since=run.opened_at, limit=None)
    later = [each for each in since if isinstance(each.trigger, OnDemand) and each.trigger.reason == _reason(run)]
    return {
        host.host_id: each.id
        for each in later
        for host in each.hosts
        if host.outcome is None or host.outcome.is_good or host.outcome is Outcome.UNKNOWN
    }
