"""What became of a host that a run left unknown: asked of the host itself, then proved by looking.

The host keeps its own record of every parcel (decision 0001). Asking withdraws what was never committed, so that no
sleeper can commit it any more. What came to no end there is unknown until the runbook's own verification decides.
"""

from datetime import timedelta

from msp_ops.domain.clock import Interval
from msp_ops.domain.errors import TransportError
from msp_ops.domain.outcome import Outcome, fold
from msp_ops.domain.parcel import Intent
from msp_ops.domain.record import record
from msp_ops.domain.run import HostResult, StepResult
from msp_ops.domain.runbook import CheckStep, Reboot, RebootStep, Step
from msp_ops.domain.wording import listed
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.look import is_look, look
from msp_ops.engine.proof import step_result
from msp_ops.engine.restart import ask_pending
from msp_ops.engine.testimony import masked
from msp_ops.engine.verdict import verdict
from msp_ops.transports.base import Collected, Running, Session

PACKAGES = "package-health"


@record
class Lost:
    """A host of a run whose end is not known. `as_it_was`: the library still has the very runbook that ran."""

    job: HostJob
    intents: tuple[Intent, ...]
    as_it_was: bool


@record
class StillUnknown:
    """The host could not tell, or could not be asked. `at_work`: its step still runs there."""

    why: str
    at_work: bool = False


class Recovery:
    """One look at one lost host. After `found` was saved, `forget` removes what the host still keeps."""

    def __init__(self, lost: Lost, tools: Tools) -> None:
        self._lost = lost
        self._tools = tools
        self._line = Line(tools.transport, lost.job.target)

    def found(self) -> HostResult | StillUnknown:
        """How the host ended, or why that still cannot be said."""
        try:
            return self._judged(self._line.session())
        except TransportError as problem:
            return StillUnknown(why=masked(str(problem), self._tools.redact))

    def forget(self) -> None:
        """The proof is in the store now."""
        try:
            for intent in self._lost.intents:
                self._line.session().forget(intent.parcel)
        except TransportError:
            return  # what lies there is swept later, or gone with the next boot

    def close(self) -> None:
        self._line.drop()

    def _judged(self, session: Session) -> HostResult | StillUnknown:
        answers = [self._ask(session, intent) for intent in self._lost.intents]
        for intent, answer in zip(self._lost.intents, answers, strict=True):
            if isinstance(answer, Running):
                return StillUnknown(why=f"{intent.parcel.step} is still at work on the host", at_work=True)
        pairs = zip(self._lost.intents, answers, strict=True)
        steps = tuple(self._step(intent, answer) for intent, answer in pairs)
        missing = self._missing(steps, session)
        looked = tuple(look(self._to_look_at(steps, missing), session, self._lost.job, self._tools))
        outcome, reason = self._amounts_to(steps, missing, looked)
        if outcome is Outcome.UNKNOWN:
            return StillUnknown(why=reason)
        return self._result(outcome, reason, (*steps, *looked))

    def _ask(self, session: Session, intent: Intent) -> Collected:
        ask = session.cancel if self._tools.stopping.cancels else session.withdraw
        return ask(intent.parcel)

    def _step(self, intent: Intent, answer: Collected) -> StepResult:
        took = getattr(answer, "took", None) or timedelta(0)
        interval = Interval(
            started_at=intent.at,
            ended_at=intent.at + took,
            duration=took,
            boot_id=self._tools.clock.boot_id(),
        )
        check, stopped_by = self._lost.job.runbook.id, self._tools.stopping.why
        return step_result(intent.parcel, answer, interval, check, self._tools.redact, stopped_by)

    def _missing(self, steps: tuple[StepResult, ...], session: Session) -> tuple[str, ...]:
        """Changing steps of the runbook that were not even meant for the host yet."""
        begun = {step.name for step in steps}
        runbook, parameters = self._lost.job.runbook, self._lost.job.parameters
        left = [step for step in runbook.steps if not is_look(step) and step.name not in begun]
        return tuple(
            step.name
            for step in left
            if not isinstance(step, RebootStep) or self._needs(step.chosen(parameters), session)
        )

    def _needs(self, wanted: Reboot, session: Session) -> bool:
        if wanted != "if-needed":
            return wanted == "always"
        seen = ask_pending(session, self._lost.job, self._tools)
        return bool(seen.findings) or seen.outcome is not Outcome.SUCCEEDED

    def _to_look_at(self, steps: tuple[StepResult, ...], missing: tuple[str, ...]) -> tuple[Step, ...]:
        """The verification, where it can decide; after an interruption also whether packages were left half done."""
        packages = CheckStep(kind="check", name="packages left half done", check=PACKAGES)
        broken = _worst(steps) is Outcome.UNKNOWN
        whole = _worst(steps) is Outcome.SUCCEEDED and not missing
        verify = self._lost.job.runbook.verify if self._lost.as_it_was and (broken or whole) else ()
        return (*((packages,) if broken and PACKAGES in self._tools.checks else ()), *verify)

    def _amounts_to(
        self, steps: tuple[StepResult, ...], missing: tuple[str, ...], looked: tuple[StepResult, ...]
    ) -> tuple[Outcome, str]:
        worst, reason = verdict(steps, self._lost.job.runbook)
        match worst:
            case Outcome.UNKNOWN:
                return self._decided_by_looking(reason, looked)
            case Outcome.DEFERRED if any(step.exit_code == 0 for step in steps):
                return Outcome.FAILED, f"interrupted: {reason}; earlier steps were done"
            case Outcome.SUCCEEDED if not self._lost.as_it_was:
                return (
                    Outcome.UNVERIFIED,
                    "what was begun ended well; its runbook has changed since and cannot verify it",
                )
            case Outcome.SUCCEEDED if missing:
                return Outcome.FAILED, f"interrupted before {listed(missing)}"
            case Outcome.SUCCEEDED:
                return verdict((*steps, *looked), self._lost.job.runbook)
            case _:
                return worst, reason

    def _decided_by_looking(self, reason: str, looked: tuple[StepResult, ...]) -> tuple[Outcome, str]:
        proofs = [step for step in looked if PACKAGES not in step.checks]
        half_done = "; ".join(f.message for step in looked if PACKAGES in step.checks for f in step.findings)
        reason = f"{reason}; {half_done}" if half_done else reason
        outcome, why = verdict(proofs, self._lost.job.runbook)
        if not proofs or outcome in {Outcome.UNVERIFIED, Outcome.UNKNOWN}:
            return Outcome.UNKNOWN, reason
        if outcome is Outcome.SUCCEEDED and not half_done:
            return Outcome.SUCCEEDED, f"{reason}; the verification proves that its aim is reached"
        return Outcome.FAILED, f"{reason}; {why}" if why and outcome is not Outcome.SUCCEEDED else reason

    def _result(self, outcome: Outcome, reason: str, steps: tuple[StepResult, ...]) -> HostResult:
        ended_at = max(step.interval.ended_at for step in steps)
        started_at = min(step.interval.started_at for step in steps)
        interval = Interval(
            started_at=started_at,
            ended_at=ended_at,
            duration=sum((step.interval.duration for step in steps), timedelta(0)),
            boot_id=self._tools.clock.boot_id(),
        )
        reason = masked(f"found out by recovery: {reason}" if reason else "found out by recovery", self._tools.redact)
        return HostResult(
            host_id=self._lost.job.host_id, outcome=outcome, reason=reason, interval=interval, steps=steps
        )


def _worst(steps: tuple[StepResult, ...]) -> Outcome:
    return fold(step.outcome for step in steps)
