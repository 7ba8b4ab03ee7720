"""What the steps of a host amount to."""

from collections.abc import Sequence

from msp_ops.domain.finding import at_least
from msp_ops.domain.outcome import Outcome, fold
from msp_ops.domain.run import StepResult
from msp_ops.domain.runbook import Runbook


def is_bad(step: StepResult) -> bool:
    """Whether no further step makes sense after it; what could not be verified stops nothing."""
    return step.outcome > Outcome.UNVERIFIED or step.outcome is Outcome.DEFERRED


def verdict(steps: Sequence[StepResult], runbook: Runbook) -> tuple[Outcome, str]:
    """The worst step decides, then the findings that defeat the runbook's aim."""
    worst = fold(step.outcome for step in steps)
    if worst > Outcome.SUCCEEDED:
        return worst, next(step.reason for step in steps if step.outcome is worst)
    floor = runbook.fails_on
    found = [f for step in steps for f in step.findings if floor and at_least(f.severity, floor)]
    if found:
        return Outcome.FAILED, found[0].message
    if worst is Outcome.SKIPPED and steps:
        return worst, steps[0].reason
    changed = any(step.changed for step in steps)
    return worst, "" if changed or not runbook.changes else "nothing was to do"
