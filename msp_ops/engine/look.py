"""Read-only steps: ask a host, read what it says. Nothing here needs a commit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.checks.script_report import ScriptReport, read_report
from msp_ops.domain.clock import Interval, Stopwatch
from msp_ops.domain.errors import NotReached
from msp_ops.domain.finding import Reading
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import RunAs
from msp_ops.domain.run import StepResult
from msp_ops.domain.step import CheckStep, ModuleStep, ScriptStep, Step
from msp_ops.engine.batch import Batch, CheckAnswer, compose, take_apart
from msp_ops.engine.foresee import ask_module
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.scope import check_name, script_name
from msp_ops.engine.script import looking_script, plain_parameters
from msp_ops.engine.testimony import clean, evidence, masked
from msp_ops.outside.base import Order
from msp_ops.transports.base import Answer, Session

TIMED_OUT = 124


def look(steps: Sequence[Step], session: Callable[[], Session], job: HostJob, tools: Tools) -> Iterator[StepResult]:
    """Read-only steps in their order, consecutive checks together. Nothing here needs a commit.

    `session` is opened when the first step asks the host itself.
    """
    for kind, group in groupby(steps, key=_asked_of):
        together = list(group)
        checks = [step for step in together if isinstance(step, CheckStep)]
        if kind == "from here":
            yield from (look_from_here(step, job, tools) for step in checks)
            continue
        if kind == "check":
            for batch in batches(checks, job, tools):
                yield from ask_batch(session(), batch, job, tools)
            continue
        for step in together:
            if isinstance(step, ScriptStep):
                yield ask_script(session(), step, job, tools)
            elif isinstance(step, ModuleStep):
                yield ask_module(step, job, tools)


def _asked_of(step: Step) -> str:
    if isinstance(step, CheckStep):
        return "from here" if step.from_here else "check"
    return "script"


def look_from_here(step: CheckStep, job: HostJob, tools: Tools) -> StepResult:
    """The answer of this machine in place of the host's. NotReached where nothing can be looked at from here."""
    watch = Stopwatch.start(tools.clock)
    order = Order(check=step.check, client=job.client, host=job.target.host, timeout=step.timeout, at=tools.clock.now())
    output = tools.redact(tools.look_from_here(order).encode()).decode(errors="replace")
    return _read(step, CheckAnswer(exit_code=0, output=output), tools.checks[step.check], job, watch.read())


def batches(steps: Sequence[CheckStep], job: HostJob, tools: Tools) -> Iterator[Batch]:
    """The checks in their order, split only where the user changes: a login as root is root already."""

    def runs_as(step: CheckStep) -> RunAs:
        return "root" if job.target.credential.user == "root" else tools.checks[step.check].run_as

    for run_as, together in groupby(steps, key=runs_as):
        yield compose(list(together), tools.checks, plain_parameters(job), run_as)


def ask_batch(session: Session, batch: Batch, job: HostJob, tools: Tools) -> list[StepResult]:
    """One round trip; every check of the batch gets a result, also the one whose answer is missing."""
    watch = Stopwatch.start(tools.clock)
    try:
        answer = session.ask(batch.script, batch.run_as, batch.timeout)
    except NotReached as refusal:  # the host is there: it refused sudo, or a shell
        return [_not_checked(step, masked(str(refusal), tools.redact), "", watch.read()) for step in batch.steps]
    interval = watch.read()
    answers = take_apart(batch, tools.redact(answer.output))
    return [
        _read(step, answers.get(number), tools.checks[step.check], job, interval)
        for number, step in enumerate(batch.steps)
    ]


def _read(step: CheckStep, answer: CheckAnswer | None, check: Check, job: HostJob, interval: Interval) -> StepResult:
    if answer is None:
        return _not_checked(step, "its answer did not arrive", "", interval)
    if answer.exit_code == TIMED_OUT:
        return _not_checked(step, f"no answer within {step.timeout}", answer.output, interval)
    seen = Seen(
        output=answer.output,
        exit_code=answer.exit_code,
        parameters=plain_parameters(job),
        policy=job.client.policy,
        at=interval.ended_at,
    )
    try:
        reading = check.read(seen)
    except UnreadableError as problem:
        return _not_checked(step, str(problem), answer.output, interval)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as defect:
        # a boundary: a reader is pure, and what it reads may be hostile; one host's text must not end the run
        return _not_checked(step, f"its answer cannot be understood ({type(defect).__name__})", answer.output, interval)
    outcome, reason = _told(step, reading)
    name = check_name(check, job)
    return StepResult(
        name=step.name,
        outcome=outcome,
        reason=reason,
        interval=interval,
        exit_code=answer.exit_code,
        evidence=evidence(answer.output.encode()),
        checks=(name,),
        findings=tuple(replace(each, check=name) for each in reading.findings),
        measurements=reading.measurements,
        unjudged=reading.unjudged,
    )


def _told(step: CheckStep, reading: Reading) -> tuple[Outcome, str]:
    """What was found stands, also where something else could not be told."""
    if reading.untold:
        return Outcome.UNVERIFIED, f"{step.check} could not be checked: {reading.untold}"
    return (Outcome.SKIPPED, reading.skipped) if reading.skipped else (Outcome.SUCCEEDED, "")


def _not_checked(step: CheckStep, why: str, output: str, interval: Interval) -> StepResult:
    return StepResult(
        name=step.name,
        outcome=Outcome.UNVERIFIED,
        reason=f"{step.check} could not be checked: {why}",
        interval=interval,
        evidence=evidence(output.encode()) if output else None,
    )


def ask_script(session: Session, step: ScriptStep, job: HostJob, tools: Tools) -> StepResult:
    """A read-only script: exit 0 proves it, 75 says that it could not be proved, anything else disproves it.

    It is a check of its own name: what it found before and no longer finds is over.
    """
    watch = Stopwatch.start(tools.clock)
    answer = session.ask(looking_script(job, step), step.run_as, step.timeout)
    interval = watch.read()
    output, cut = clean(answer, tools.redact)
    check = script_name(job, step)
    report = read_report(output.decode(errors="replace"), check=check, at=interval.ended_at)
    outcome, reason = _proved(step, answer, report)
    return StepResult(
        name=step.name,
        outcome=outcome,
        reason=reason,
        interval=interval,
        exit_code=answer.exit_code,
        evidence=evidence(output, cut),
        checks=(check,),
        findings=report.reading.findings,
        measurements=report.reading.measurements,
        unjudged=report.unjudged,
    )


def _proved(step: ScriptStep, answer: Answer, report: ScriptReport) -> tuple[Outcome, str]:
    match _outcome(answer):
        case Outcome.SUCCEEDED if report.misspelt:
            return Outcome.UNVERIFIED, report.misspelt
        case Outcome.SUCCEEDED:
            return Outcome.SUCCEEDED, ""
        case outcome:
            return outcome, report.why or report.misspelt or f"{step.file} ended with {answer.exit_code}"


def _outcome(answer: Answer) -> Outcome:
    match answer.exit_code:
        case 0:
            return Outcome.SUCCEEDED
        case None | 75 | 124 | 137 | 143:  # 143: busybox ended it after its time
            return Outcome.UNVERIFIED
        case _:
            return Outcome.FAILED
