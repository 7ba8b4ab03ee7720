"""Changing steps: delivered whole, intent saved, committed once, followed, collected."""

from collections.abc import Iterator
from datetime import datetime

from msp_ops.checks.script_report import ScriptReport, read_report
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.run import StepResult
from msp_ops.domain.runbook import ScriptStep
from msp_ops.engine.events import Intended, Said, StepEnded, StepEvent
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.script import changing_script
from msp_ops.engine.testimony import evidence, last_line
from msp_ops.transports.base import Collected, Ended, Session

SHOWN_LIVE = 1024 * 1024


def parcel_of(step: ScriptStep, number: int, job: HostJob) -> Parcel:
    """The name that only this step of this run has on the host."""
    return Parcel(id=f"{job.run_id}-{job.host_id}-{number}", step=step.name, run_as=step.run_as, timeout=step.timeout)


def change(
    session: Session, parcel: Parcel, step: ScriptStep, job: HostJob, lease: Lease, tools: Tools
) -> Iterator[StepEvent]:
    """Carry out one changing step; the last event is its result: `unknown` unless the host told how it ended.

    Raises LinkLost: before the intent was saved nothing ran, after it nobody knows.
    """
    watch = Stopwatch.start(tools.clock)
    session.deliver(parcel, changing_script(job.runbook, step, job.parameters))
    tools.journal.intend(job.run_id, job.host_id, parcel, lease)
    yield Intended(host_id=job.host_id, step=step.name)
    session.commit(parcel, lease)
    yield from _live(session, parcel, step, job, tools)
    collected = session.collect(parcel)
    result = _result(step, collected, watch, job, tools)
    yield StepEnded(host_id=job.host_id, result=result)


def _live(session: Session, parcel: Parcel, step: ScriptStep, job: HostJob, tools: Tools) -> Iterator[Said]:
    """Whole lines only, so that a secret is never cut in two before it is masked; bounded, whatever a host sends."""
    rest, said = b"", 0
    for chunk in session.follow(parcel):
        said += len(chunk)
        if said > SHOWN_LIVE:
            continue
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield Said(host_id=job.host_id, step=step.name, line=tools.redact(line).decode(errors="replace"))


def _result(step: ScriptStep, collected: Collected, watch: Stopwatch, job: HostJob, tools: Tools) -> StepResult:
    interval = watch.read()
    if not isinstance(collected, Ended):
        return StepResult(
            name=step.name,
            outcome=Outcome.UNKNOWN,
            reason=f"{step.name} was committed, and the host cannot say how it ended",
            interval=interval,
        )
    output = tools.redact(collected.answer.output)
    report = _report(output, job, interval.ended_at)
    outcome, reason = _judged(step, collected, report, output)
    return StepResult(
        name=step.name,
        outcome=outcome,
        reason=reason,
        interval=interval,
        exit_code=collected.answer.exit_code,
        evidence=evidence(output, collected.answer.cut),
        changed=report.changed,
        findings=report.reading.findings,
        measurements=report.reading.measurements,
    )


def _report(output: bytes, job: HostJob, at: datetime) -> ScriptReport:
    return read_report(output.decode(errors="replace"), check=job.runbook.id, at=at)


def _judged(step: ScriptStep, ended: Ended, report: ScriptReport, output: bytes) -> tuple[Outcome, str]:
    said = report.why or last_line(output)
    if ended.timed_out:
        return Outcome.FAILED, f"{step.name} was stopped by the host after {step.timeout}"
    match ended.answer.exit_code:
        case 0:
            return Outcome.SUCCEEDED, ""
        case 75:
            return Outcome.BLOCKED, said
        case code:
            return Outcome.FAILED, f"{step.name} ended with {code}: {said}"
