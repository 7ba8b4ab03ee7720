"""A run whose changes are taken back: the undo of its own runbook, on the hosts that it changed."""

from collections.abc import Collection

from msp_ops.domain.actor import Actor
from msp_ops.domain.binding import still_fit
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostState, Run
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.selection import select_hosts
from msp_ops.domain.step import is_look
from msp_ops.domain.trigger import OnDemand
from msp_ops.domain.wording import listed
from msp_ops.journeys.given import same_files
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import Asked

UNKNOWN = Outcome.UNKNOWN  # it may have been done: recovery, or a person, said later that it was
LEFT_AS_IT_WAS = frozenset({Outcome.DEFERRED, Outcome.BLOCKED, Outcome.NOT_REACHED, Outcome.SKIPPED})


def what_to_undo(parts: Parts, run_id: str, actor: Actor, attended: Stopwatch, only: Collection[str] = ()) -> Asked:
    """On the hosts that the run changed, or `only` on these.

    PlanError when there is nothing to undo, no way to, or the runbook has changed since; NotPermitted while the run
    goes on, or a host's end is not known.
    """
    run = parts.store.runs.read(run_id, "steps")
    if run.outcome is None:
        raise NotPermitted(f"run {run.id} is still going on; stop it first: msp-ops runs cancel {run.id}")
    runbook = parts.workspace.version(run.plan.runbook_id, run.plan.runbook_digest)
    _refuse_without_undo(runbook, run)
    hosts = _changed(parts, run, runbook, only)
    client = parts.workspace.client(run.plan.client_id)
    return Asked(
        client=client,
        runbook=runbook.undoing(),
        hosts=select_hosts(client, ",".join(hosts)),
        parameters=still_fit(runbook, run.plan.parameters, client),
        trigger=OnDemand(
            ticket=run.trigger.ticket if isinstance(run.trigger, OnDemand) else None, reason=f"undoes run {run.id}"
        ),
        actor=actor,
        attended=attended,
        at_once=run.plan.at_once,
        rollout=run.plan.rollout,
        undoes=run.id,
        files=same_files(parts.workspace, runbook, run),
    )


def _refuse_without_undo(runbook: Runbook, run: Run) -> None:
    if run.plan.undoes:
        raise PlanError(f"run {run.id} was an undo itself; run {runbook.id} again instead")
    if not runbook.undo:
        why = f": {runbook.no_undo}" if runbook.no_undo else ""
        raise PlanError(f"{runbook.id} has no undo{why}")
    if runbook.digest != run.plan.runbook_digest:
        raise PlanError(
            f"{runbook.id} has changed since run {run.id}: its undo is of another version. Bring that version back, or "
            f"undo by hand"
        )


def _changed(parts: Parts, run: Run, runbook: Runbook, only: Collection[str]) -> list[str]:
    unknown = [host.host_id for host in run.unresolved if not only or host.host_id in only]
    if unknown:
        raise NotPermitted(f"how {listed(unknown)} ended is not known; ask first: msp-ops recover {run.id}")
    known = {host.host_id: host for host in run.hosts}
    if strangers := [host_id for host_id in only if host_id not in known]:
        raise PlanError(f"run {run.id} has no host {listed(strangers)}; hosts: {listed(known)}")
    undone = _undone(parts, run)
    left = [host_id for host_id, host in known.items() if _was_changed(host, runbook) and host_id not in undone]
    wanted = [host_id for host_id in left if not only or host_id in only]
    if not wanted:
        raise PlanError(f"nothing of run {run.id} is left to undo" + (f" on {listed(only)}" if only else ""))
    return wanted


def _was_changed(host: HostState, runbook: Runbook) -> bool:
    """Something was carried out there, and its undo was not, or failed."""
    steps = host.result.steps if host.result else ()
    acts = {step.name for step in runbook.steps if not is_look(step)}
    if host.resolution and host.resolution.verdict in LEFT_AS_IT_WAS:
        return False
    begun = [step for step in steps if step.name in acts and (step.exit_code is not None or step.outcome is UNKNOWN)]
    done = any(step.outcome is not Outcome.BLOCKED for step in begun)
    back = {step.name: step.outcome for step in steps if step.name in {each.name for each in runbook.undo}}
    taken_back = Outcome.SUCCEEDED in back.values() and set(back.values()) <= {Outcome.SUCCEEDED, Outcome.SKIPPED}
    return done and not (taken_back and len(back) == len(runbook.undo))


def _undone(parts: Parts, run: Run) -> set[str]:
    """By a later run, or just now; one that came to no good end, or did nothing, may be asked for again."""
    since = parts.store.runs.list(run.plan.client_id, since=run.opened_at, limit=None)
    return {
        host.host_id
        for each in since
        for host in each.hosts
        if each.plan.undoes == run.id and host.outcome in {None, Outcome.SUCCEEDED}
    }
