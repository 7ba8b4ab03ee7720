"""What became of a host that a run left unknown: asked of the host itself, then proved by looking.

The host keeps its own record of every parcel (decision 0001). Asking withdraws what was never committed, so that no
sleeper can commit it any more. What came to no end there is unknown until the runbook's own verification decides.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from msp_ops.domain.clock import Interval, Stopwatch
from msp_ops.domain.errors import TransportError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Intent
from msp_ops.domain.record import record
from msp_ops.domain.run import HostResult, StepResult
from msp_ops.domain.step import AnsibleStep, CheckStep, Reboot, RebootStep, Step, is_look
from msp_ops.engine.aftermath import Aftermath
from msp_ops.engine.boot import boot_of, is_up, ordered_in
from msp_ops.engine.condition import in_turns, may_be_taken
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.look import look
from msp_ops.engine.platform import ask_platform
from msp_ops.engine.play import LOST
from msp_ops.engine.proof import BLOCKED, step_result
from msp_ops.engine.restart import ask_pending
from msp_ops.engine.scope import runbook_name
from msp_ops.engine.testimony import masked
from msp_ops.engine.undo import how_to_undo
from msp_ops.engine.wordless import NOT_KEPT, without_words, wordless, wordless_look
from msp_ops.transports.base import Collected, Ended, NeverCommitted, Running, Session

PACKAGES = CheckStep(kind="check", name="packages left half done", check="package-health")
SLACK = timedelta(minutes=1)  # what a host's supervisor needs to stop a script after its time
NAMED = 3  # packages
NOT_ASKED = f"the host was there, and could not be asked how it stands; {NOT_KEPT}"
QUIET = timedelta(seconds=15)  # a supervisor says every 5 s that it lives


@record
class Lost:
    """A host of a run whose end is not known.

    `known`: the steps that the run's own process recorded before it lost the host. `as_it_was`: the library still has
    the very runbook that ran.
    """

    job: HostJob
    intents: tuple[Intent, ...]
    as_it_was: bool
    known: tuple[StepResult, ...] = ()


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
        if not self._lost.intents:
            return self._nothing_meant()
        try:
            self._line.session()
        except TransportError as problem:  # nothing was asked yet: these are no words of the host
            return StillUnknown(why=masked(str(problem), self._tools.redact))
        try:
            return self._asked()
        except TransportError as problem:
            told = NOT_ASKED if self._has_secrets else str(problem)
            return StillUnknown(why=masked(told, self._tools.redact))

    def forget(self) -> None:
        """The proof is in the store now."""
        try:
            for intent in self._lost.intents:
                self._line.session().forget(intent.parcel)
        except TransportError:
            return  # what lies there is swept later, or gone with the next boot

    def close(self) -> None:
        self._line.drop()

    @property
    def _has_secrets(self) -> bool:
        return bool(self._lost.job.given.secrets)

    def _nothing_meant(self) -> HostResult:
        """Only msp-ops itself can have failed: no change was meant for the host."""
        return HostResult(
            host_id=self._lost.job.host_id,
            outcome=Outcome.FAILED,
            reason="found out by recovery: msp-ops itself failed on this host; no change was meant for it",
            interval=Stopwatch.start(self._tools.clock).read(),
        )

    def _asked(self) -> HostResult | StillUnknown:
        session = self._line.session()
        ended = {step.name for step in self._lost.known if step.outcome is not Outcome.UNKNOWN}
        open_ones = [intent for intent in self._lost.intents if intent.parcel.step not in ended]
        answers = [(intent, self._ask(session, intent)) for intent in open_ones]
        for intent, answer in answers:
            if why := self._still_at_work(session, intent, answer):
                return StillUnknown(why=why, at_work=True)
        steps = tuple(self._step_with_tries(intent, answer, answers) for intent, answer in _last_tries(answers))
        return self._judged(session, steps)

    def _ask(self, session: Session, intent: Intent) -> Collected:
        ask = session.cancel if self._tools.stopping.cancels else session.withdraw
        return ask(intent.parcel)

    def _still_at_work(self, session: Session, intent: Intent, answer: Collected) -> str:
        """Why it is too early to judge, or nothing."""
        if isinstance(answer, Running):
            silent = answer.silent_for
            quiet = f", and its supervisor is silent for {silent.seconds} s" if silent and silent > QUIET else ""
            return f"{intent.parcel.step} is still at work on the host{quiet}"
        step = self._restart_of(intent)
        if step is None or not isinstance(answer, Ended) or answer.answer.exit_code != 0:
            return ""
        if self._tools.clock.now() - intent.at > step.timeout:
            return ""
        if boot_of(session) == ordered_in(answer.answer.output):
            return "the host was told to restart and has not done it yet"
        return "the host is starting" if step.services and not is_up(session) else ""

    def _restart_of(self, intent: Intent) -> RebootStep | None:
        steps = self._lost.job.runbook.steps
        return next((s for s in steps if isinstance(s, RebootStep) and s.name == intent.parcel.step), None)

    def _step_with_tries(
        self, intent: Intent, answer: Collected, answers: Sequence[tuple[Intent, Collected]]
    ) -> StepResult:
        """With what its earlier tries had changed too."""
        tries = [self._step(*each) for each in answers if each[0].parcel.step == intent.parcel.step]
        changed = dict.fromkeys(line for each in tries for line in each.changed)
        return replace(self._step(intent, answer), changed=tuple(changed))

    def _step(self, intent: Intent, answer: Collected) -> StepResult:
        """The host's own time is believed as far as it can be true."""
        told = getattr(answer, "took", None) or timedelta(0)
        took = min(told, intent.parcel.timeout + SLACK, max(self._tools.clock.now() - intent.at, timedelta(0)))
        interval = Interval(
            started_at=intent.at, ended_at=intent.at + took, duration=took, boot_id=self._tools.clock.boot_id()
        )
        check, stopped_by = runbook_name(self._lost.job), self._tools.stopping.why
        result = step_result(intent.parcel, answer, interval, check, self._tools.redact, stopped_by)
        if self._has_secrets:
            ended = step_result(intent.parcel, without_words(answer), interval, check, self._tools.redact, stopped_by)
            result = wordless(result, ended.reason)
        told = isinstance(answer, Ended) and not (answer.cancelled or answer.timed_out) and result.exit_code != LOST
        if isinstance(answer, Ended) and not told and self._is_playbook(intent):
            why = "nobody can say how the playbook ended: only our mark on the host was there to ask"
            return replace(result, outcome=Outcome.UNKNOWN, exit_code=None, reason=why)
        return result

    def _is_playbook(self, intent: Intent) -> bool:
        steps = self._lost.job.runbook.steps
        return any(isinstance(step, AnsibleStep) and step.name == intent.parcel.step for step in steps)

    def _judged(self, session: Session, steps: tuple[StepResult, ...]) -> HostResult | StillUnknown:
        job = self._lost.job
        begun = {intent.parcel.step for intent in self._lost.intents}
        before = tuple(step for step in self._lost.known if step.name in begun and step.outcome is not Outcome.UNKNOWN)
        after = self._aftermath(session, (*before, *steps))
        packages = self._packages(session) if after.doubtful else ()
        proofs = self._proofs(session, after.acted) if after.wants_proof else ()
        after = replace(after, proofs=proofs, half_done=_named(packages))
        outcome, reason = after.judged(job.runbook)
        if outcome is Outcome.FAILED and job.runbook.undo and not after.undo:
            reason = f"{reason}; {how_to_undo(job)}"
        if outcome is Outcome.UNKNOWN:
            return StillUnknown(why=masked(reason, self._tools.redact))
        return self._result(outcome, reason, (*steps, *packages, *proofs))

    def _aftermath(self, session: Session, told: tuple[StepResult, ...]) -> Aftermath:
        """A runbook that has changed since says nothing about what is missing: its conditions are others now."""
        runbook, as_it_was = self._lost.job.runbook, self._lost.as_it_was
        back = {step.name for step in runbook.undo}
        return Aftermath(
            acted=tuple(step for step in told if step.name not in back),
            missing=self._missing(runbook.steps, session, told) if as_it_was else (),
            as_it_was=as_it_was,
            undo=tuple(step for step in told if step.name in back),
            undo_missing=self._missing(runbook.undo, session, told) if as_it_was else (),
        )

    def _proofs(self, session: Session, done: tuple[StepResult, ...]) -> tuple[StepResult, ...]:
        """Only what would have been asked: a look whose condition does not hold disproves nothing."""
        platform = self._platform(session)
        proofs: tuple[StepResult, ...] = ()
        for turn in in_turns(self._lost.job.runbook.verify):
            so_far = (*self._looks(), *done, *proofs)
            wanted = [step for step in turn if may_be_taken(step, self._lost.job, platform, so_far)]
            proofs = (*proofs, *self._looked(wanted, session))
        return proofs

    def _looks(self) -> tuple[StepResult, ...]:
        """What the looks among the steps had found, as far as the run's own process could still record it."""
        looks = {step.name for step in self._lost.job.runbook.steps if is_look(step)}
        return tuple(step for step in self._lost.known if step.name in looks)

    def _platform(self, session: Session) -> frozenset[str]:
        return ask_platform(session) if self._lost.job.runbook.asks_for_platform else frozenset()

    def _packages(self, session: Session) -> tuple[StepResult, ...]:
        known = PACKAGES.check in self._tools.checks
        return self._looked((PACKAGES,), session) if known else ()

    def _looked(self, steps: Sequence[Step], session: Session) -> tuple[StepResult, ...]:
        seen = look(steps, lambda: session, self._lost.job, self._tools)
        return tuple(wordless_look(each) if self._has_secrets else each for each in seen)

    def _missing(self, steps: Sequence[Step], session: Session, done: tuple[StepResult, ...]) -> tuple[str, ...]:
        """Changing steps that were not even meant for the host yet."""
        parameters, platform = self._lost.job.parameters, self._platform(session)
        done = (*self._looks(), *done)
        begun = {intent.parcel.step for intent in self._lost.intents}
        left = [
            step
            for step in steps
            if not is_look(step) and step.name not in begun and may_be_taken(step, self._lost.job, platform, done)
        ]
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

    def _result(self, outcome: Outcome, reason: str, steps: tuple[StepResult, ...]) -> HostResult:
        spans = [step.interval for step in steps] or [Stopwatch.start(self._tools.clock).read()]
        interval = Interval(
            started_at=min(span.started_at for span in spans),
            ended_at=max(span.ended_at for span in spans),
            duration=sum((span.duration for span in spans), timedelta(0)),
            boot_id=self._tools.clock.boot_id(),
        )
        reason = masked(f"found out by recovery: {reason}" if reason else "found out by recovery", self._tools.redact)
        return HostResult(
            host_id=self._lost.job.host_id, outcome=outcome, reason=reason, interval=interval, steps=steps
        )


def _last_tries(answers: Sequence[tuple[Intent, Collected]]) -> list[tuple[Intent, Collected]]:
    """Of a step that was tried again only the last try that did anything counts: the host had told those before."""
    told: dict[str, tuple[Intent, Collected]] = {}
    for intent, answer in answers:
        refused = isinstance(answer, Ended) and answer.answer.exit_code == BLOCKED
        if intent.parcel.step not in told or not (refused or isinstance(answer, NeverCommitted)):
            told[intent.parcel.step] = (intent, answer)
    return list(told.values())


def _named(packages: tuple[StepResult, ...]) -> str:
    found = [f"{finding.subject}: {finding.message}" for step in packages for finding in step.findings]
    return "; ".join(found[:NAMED]) + (f"; and {len(found) - NAMED} more" if len(found) > NAMED else "")
