"""Of a run that was given secrets recovery keeps no word of a host.

What the host says may hold what it was given before the crash, and nobody knows that any more: the references may stand
for other values by now (decision 0010). Kept is what no secret can stand in: outcome, exit code, times, that something
was changed, and how bad the worst of what was found is. A measurement is not: its name and its digits are the host's.
"""

from dataclasses import replace

from msp_ops.domain.finding import EVERYTHING, SEVERITIES, Finding
from msp_ops.domain.run import StepResult
from msp_ops.engine.testimony import evidence
from msp_ops.transports.base import Collected, Ended

NOT_KEPT = (
    "what the host said is not kept: it may hold a secret of this run that has been changed since; to see how the host "
    "stands, run the runbook again or look there"
)
SUBJECT = "something"


def without_words(collected: Collected) -> Collected:
    """The same end; in place of the output stands why it is not there."""
    if not isinstance(collected, Ended):
        return collected
    return replace(collected, answer=replace(collected.answer, output=NOT_KEPT.encode(), cut=0))


def wordless(told: StepResult, reason: str) -> StepResult:
    """A step without anything that the host chose. It closes no finding: nobody knows which ones it saw."""
    return replace(
        told,
        reason=reason,
        evidence=evidence(NOT_KEPT.encode()) if told.evidence else None,
        changed=(NOT_KEPT,) if told.changed else (),
        findings=_worst(told),
        measurements=(),
        unjudged=(EVERYTHING,),
    )


def wordless_look(told: StepResult) -> StepResult:
    """A look that proved what it was asked needs no reason."""
    return wordless(told, f"{told.name} was asked with today's secrets; {NOT_KEPT}" if told.reason else "")


def _worst(told: StepResult) -> tuple[Finding, ...]:
    found = sorted(told.findings, key=lambda each: SEVERITIES.index(each.severity))
    return tuple(Finding(check=f.check, subject=SUBJECT, severity=f.severity, message=NOT_KEPT) for f in found[-1:])
