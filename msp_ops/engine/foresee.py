"""Whether a module of Ansible would change a host: asked by its check mode, nothing is set."""

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import MspOpsError, NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import StepResult
from msp_ops.domain.step import ModuleStep
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.play import order_of
from msp_ops.engine.testimony import masked
from msp_ops.playbooks.job import HostEnd


def ask_module(step: ModuleStep, job: HostJob, tools: Tools) -> StepResult:
    """Succeeded: all is as the module would have it. Failed: something would change. Raises NotReached."""
    watch = Stopwatch.start(tools.clock)
    try:
        events = list(tools.play(order_of(step, job, check=True), tools.stopping, tools.redact))
    except NotReached:
        raise
    except MspOpsError as problem:
        why = f"{step.name} could not be asked: {masked(str(problem), tools.redact)}"
        return StepResult(name=step.name, outcome=Outcome.UNVERIFIED, reason=why, interval=watch.read())
    ends = [event for event in events if isinstance(event, HostEnd)]
    if not ends:
        raise AssertionError("a playbook ended without saying how")
    outcome, reason = _told(step, ends[-1])
    return StepResult(name=step.name, outcome=outcome, reason=reason, interval=watch.read(), evidence=ends[-1].evidence)


def _told(step: ModuleStep, end: HostEnd) -> tuple[Outcome, str]:
    """A module that cannot foresee what it would do is skipped in a check, or fails: that proves nothing."""
    match end.outcome:
        case Outcome.NOT_REACHED:
            raise NotReached(end.reason)
        case Outcome.SUCCEEDED if end.changed:
            return Outcome.FAILED, f"{step.name}: {step.module} would change something: it is not as it should be"
        case Outcome.SUCCEEDED if not end.reason:
            return Outcome.SUCCEEDED, ""
        case _:
            return Outcome.UNVERIFIED, f"{step.name} could not tell: {end.reason}"
