"""A step that waits for a person's word. Nobody's word is no word: the host is left as it is."""

from collections.abc import Iterator
from datetime import timedelta

from msp_ops.domain.approval import Approval
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.errors import StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import StepResult
from msp_ops.domain.step import ApproveStep
from msp_ops.engine.events import StepEnded, StepEvent, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line

ASK_EVERY = timedelta(seconds=5)


def wait_for_word(step: ApproveStep, job: HostJob, line: Line, tools: Tools) -> Iterator[StepEvent]:
    """The last event is the result: succeeded with who approved, else deferred.

    After the word the permit is judged again: a window may have closed meanwhile. A store that cannot be asked is
    asked again.
    """
    watch, until = Stopwatch.start(tools.clock), tools.clock.elapsed() + step.timeout
    line.drop()
    asked, trouble = False, ""
    while True:
        try:
            if not asked:
                tools.journal.ask(job.run_id, step.name)
                asked = True
            word, trouble = tools.journal.approval(job.run_id, step.name), ""
        except StoreError as problem:
            word, trouble = None, f"; {problem}"
        if ended := _judged(step, word, job, tools, over=tools.clock.elapsed() >= until):
            result = StepResult(name=step.name, outcome=ended[0], reason=ended[1], interval=watch.read())
            yield StepEnded(host_id=job.host_id, result=result)
            return
        why = f"a person's word is wanted: {step.question} msp-ops runs approve {job.run_id}{trouble}"
        yield Waiting(host_id=job.host_id, why=why, pause=ASK_EVERY)


def _judged(
    step: ApproveStep, word: Approval | None, job: HostJob, tools: Tools, *, over: bool
) -> tuple[Outcome, str] | None:
    if word is not None:
        refusal = job.refused() if word.granted else None
        outcome = Outcome.SUCCEEDED if word.granted and refusal is None else Outcome.DEFERRED
        return outcome, f"{word.told()}; {refusal}" if refusal else word.told()
    if tools.stopping.begins_nothing:
        return Outcome.DEFERRED, f"stopped before anybody approved it: {tools.stopping.why}"
    return (Outcome.DEFERRED, f"nobody approved it within {spell_duration(step.timeout)}") if over else None
