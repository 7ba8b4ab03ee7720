"""What a host answers about a parcel, as the result of its step. Silence is never taken for an end."""

from datetime import datetime

from msp_ops.checks.script_report import ScriptReport, read_report
from msp_ops.domain.clock import Interval
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Parcel
from msp_ops.domain.run import StepResult
from msp_ops.engine.testimony import clean, evidence, last_line
from msp_ops.secrets.redact import Redact
from msp_ops.transports.base import Collected, Ended, Gone, Interrupted, NeverCommitted, Running

BLOCKED = 75


def step_result(
    parcel: Parcel, collected: Collected, interval: Interval, check: str, redact: Redact, stopped_by: str = ""
) -> StepResult:
    """`check` names whose findings the script reports; `stopped_by`: who had a running step stopped on its host."""
    match collected:
        case Ended():
            return _ended(parcel, collected, interval, check, redact, stopped_by)
        case NeverCommitted():
            return _told(parcel, Outcome.DEFERRED, f"{parcel.step} never began: nothing of it was changed", interval)
        case Interrupted(why="restarted"):
            return _told(parcel, Outcome.UNKNOWN, f"the host was restarted in the middle of {parcel.step}", interval)
        case Interrupted():
            return _told(parcel, Outcome.UNKNOWN, f"{parcel.step} was killed on the host by somebody else", interval)
        case Running():
            return _told(parcel, Outcome.UNKNOWN, f"{parcel.step} is still at work on the host", interval)
        case Gone():
            why = f"{parcel.step} was committed, and the host cannot say how it ended"
            return _told(parcel, Outcome.UNKNOWN, why, interval)


def _told(parcel: Parcel, outcome: Outcome, reason: str, interval: Interval) -> StepResult:
    return StepResult(name=parcel.step, outcome=outcome, reason=reason, interval=interval)


def _ended(parcel: Parcel, ended: Ended, interval: Interval, check: str, redact: Redact, stopped_by: str) -> StepResult:
    output, cut = clean(ended.answer, redact)
    report = _report(output, check, interval.ended_at)
    outcome, reason = _judged(parcel, ended, report, output, stopped_by)
    return StepResult(
        name=parcel.step,
        outcome=outcome,
        reason=reason,
        interval=interval,
        exit_code=ended.answer.exit_code,
        evidence=evidence(output, cut),
        changed=report.changed,
        findings=report.reading.findings,
        measurements=report.reading.measurements,
        unjudged=report.unjudged,
    )


def _report(output: bytes, check: str, at: datetime) -> ScriptReport:
    return read_report(output.decode(errors="replace"), check=check, at=at)


def _judged(parcel: Parcel, ended: Ended, report: ScriptReport, output: bytes, stopped_by: str) -> tuple[Outcome, str]:
    if ended.cancelled:
        return Outcome.FAILED, f"{parcel.step} was stopped on the host" + (f": {stopped_by}" if stopped_by else "")
    if ended.timed_out:
        return Outcome.FAILED, f"{parcel.step} was stopped by the host after {parcel.timeout}"
    said = report.why or last_line(output)
    match ended.answer.exit_code:
        case 0 if report.misspelt:
            return Outcome.UNVERIFIED, report.misspelt
        case 0:
            return Outcome.SUCCEEDED, ""
        case code if code == BLOCKED:
            return Outcome.BLOCKED, said
        case code:
            return Outcome.FAILED, f"{parcel.step} ended with {code}: {said}"
