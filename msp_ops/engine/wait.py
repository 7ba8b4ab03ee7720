"""A step that waits until a host says that something has come."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import StepResult
from msp_ops.domain.step import WaitStep
from msp_ops.engine.events import StepEnded, StepEvent, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.look import ask_script
from msp_ops.engine.testimony import masked

SHORT = timedelta(seconds=15)  # between two questions: a line is kept that long


def wait_for(step: WaitStep, job: HostJob, line: Line, tools: Tools) -> Iterator[StepEvent]:
    """The last event is the result: failed when it did not come in time, blocked when that could not be told.

    A link that breaks meanwhile is opened again: what is waited for may be the reason.
    """
    watch, until = Stopwatch.start(tools.clock), tools.clock.elapsed() + step.timeout
    while True:
        result = _asked(step, job, line, tools)
        ended = _ended(step, result, tools, over=tools.clock.elapsed() >= until)
        if ended is not None:
            yield StepEnded(host_id=job.host_id, result=replace(ended, interval=watch.read()))
            return
        if step.every > SHORT:
            line.drop()
        yield Waiting(host_id=job.host_id, why=f"{step.name}: {result.reason}", pause=step.every)


def _asked(step: WaitStep, job: HostJob, line: Line, tools: Tools) -> StepResult:
    watch = Stopwatch.start(tools.clock)
    try:
        return ask_script(line.session(), step.question(), job, tools)
    except (LinkLost, NotReached) as problem:
        line.drop()
        why = masked(str(problem), tools.redact)
        return StepResult(name=step.name, outcome=Outcome.UNVERIFIED, reason=why, interval=watch.read())


def _ended(step: WaitStep, last: StepResult, tools: Tools, *, over: bool) -> StepResult | None:
    """A gate that cannot be told to be open is shut: nothing goes on behind it."""
    if last.outcome is Outcome.SUCCEEDED:
        return last
    if over:
        outcome = Outcome.BLOCKED if last.outcome is Outcome.UNVERIFIED else last.outcome
        why = f"it did not come within {spell_duration(step.timeout)}: {last.reason}"
        return replace(last, outcome=outcome, reason=why)
    if tools.stopping.begins_nothing:
        return replace(last, outcome=Outcome.DEFERRED, reason=f"stopped before it came: {tools.stopping.why}")
    return None
