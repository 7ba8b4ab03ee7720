"""A person's word on a run that waits for it."""

from msp_ops.domain.actor import Actor
from msp_ops.domain.approval import Approval
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.run import Run
from msp_ops.domain.step import ApproveStep
from msp_ops.journeys.parts import Parts


def awaited(parts: Parts, run: Run) -> ApproveStep:
    """The step at which hosts of the run wait for a word; PlanError when none does, NotPermitted when it has ended."""
    if run.outcome is not None:
        raise NotPermitted(f"run {run.id} has ended: {run.outcome.word}")
    runbook = parts.workspace.version(run.plan.runbook_id, run.plan.runbook_digest)
    if runbook.digest != run.plan.runbook_digest:
        raise PlanError(f"{runbook.id} has changed since run {run.id} began: what it asks cannot be shown; cancel it")
    asked = parts.store.approvals.open_questions(run.id).get(run.id, ())
    left = [step for step in runbook.steps if isinstance(step, ApproveStep) and step.name in asked]
    if not left:
        raise PlanError(f"run {run.id} waits for nobody's word now; how it stands: msp-ops runs show {run.id}")
    return left[0]


def give_word(parts: Parts, run: Run, step: ApproveStep, actor: Actor, reason: str, *, granted: bool) -> Approval:
    """NotPermitted when the step wants another person than the one who started the run."""
    if granted and step.another and run.actor.is_person and run.actor.name == actor.name:
        raise NotPermitted(f"{actor.name} started run {run.id}, and '{step.name}' wants another person's word")
    word = Approval(run_id=run.id, step=step.name, granted=granted, by=actor.name, reason=reason, at=parts.clock.now())
    parts.store.approvals.give(word)
    return word
