"""The steps of one host, one after the other: looked, acted, waited for, restarted, or passed by."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.run import StepResult
from msp_ops.domain.step import AnsibleStep, ApproveStep, RebootStep, ScriptStep, Step, WaitStep, is_look
from msp_ops.engine.act import Change
from msp_ops.engine.again import persistently
from msp_ops.engine.approve import wait_for_word
from msp_ops.engine.condition import NotTaken, in_turns, not_taken
from msp_ops.engine.events import HostEvent, Intended, StepEnded, StepEvent
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.look import look
from msp_ops.engine.play import Play
from msp_ops.engine.repeat import Repeated
from msp_ops.engine.restart import Restart
from msp_ops.engine.script import changing_script
from msp_ops.engine.testimony import masked
from msp_ops.engine.verdict import is_bad
from msp_ops.engine.wait import wait_for


class Walk:
    """Some steps of a host's way, and what is known of them. By several threads, but only by one at a time.

    `in_doubt`: an intent is saved and the host has not yet told how it ended. `acted`: a changing step has ended there.
    """

    def __init__(self, job: HostJob, tools: Tools, line: Line, part: str = "") -> None:
        self.results: list[StepResult] = []
        self.platform: frozenset[str] = frozenset()
        self.in_doubt = False
        self.acted = False
        self._job = job
        self._tools = tools
        self._line = line
        self._part = part
        self._told: list[Parcel] = []  # what the host has told in full, and still keeps

    @property
    def stopped(self) -> bool:
        """Whether a step ended so that no further one makes sense."""
        return any(is_bad(step) for step in self.results)

    def change(self, steps: Sequence[Step], lease: Lease) -> Iterator[HostEvent]:
        """All of them, until one ends badly. Raises Stopped between two of them."""
        for looking, group in groupby(steps, key=is_look):
            if looking:
                yield from self.look(tuple(group))
                continue
            for step in group:
                if self.stopped:
                    return
                self._tools.stopping.check()
                for wanted in (yield from self._wanted([step])):
                    yield from self._act(wanted, lease)

    def look(self, steps: Sequence[Step]) -> Iterator[HostEvent]:
        """Stops at the first step that disproves; nothing is asked when there is nothing to look at."""
        for turn in in_turns(steps, alone=_is_gate):
            if self.stopped:
                return
            wanted = yield from self._wanted(turn)
            if not _is_gate(turn[0]):
                yield from self._ask(wanted)
                continue
            for step in wanted:
                yield from self._wait(step)

    def forget(self) -> None:
        """Only when the result is saved: until then, the host's own record is the only proof."""
        for parcel in self._told:
            with suppress(LinkLost, NotReached):  # what lies there is gone with the host's next boot
                self._line.session().forget(parcel)

    def _wanted(self, steps: Iterable[Step]) -> Generator[HostEvent, None, list[Step]]:
        """Those whose condition holds; of the others it is told why not."""
        wanted = []
        for step in steps:
            passed_by = not_taken(step.condition, self._job, self.platform, self.results)
            if passed_by is None:
                wanted.append(step)
            else:
                yield self._keep(self._in_its_place(self._passed_by(step, passed_by)))
        return wanted

    def _passed_by(self, step: Step, told: NotTaken) -> StepResult:
        """Where it cannot be told, nothing is changed and no gate is open; a look is unverified."""
        watch = Stopwatch.start(self._tools.clock)
        outcome, reason = Outcome.SKIPPED, told.why
        if told.untold:
            outcome = Outcome.UNVERIFIED if is_look(step) and not _is_gate(step) else Outcome.BLOCKED
            reason = f"whether '{step.name}' is to be done cannot be told: {told.why}"
        return StepResult(name=step.name, outcome=outcome, reason=reason, interval=watch.read())

    def _ask(self, steps: Sequence[Step]) -> Iterator[HostEvent]:
        left = list(steps)

        def ask() -> Iterator[StepEvent]:
            for result in look(tuple(left), self._line.session, self._job, self._tools):
                left.pop(0)
                yield self._keep(result)
                if self.stopped:
                    return

        if left and not self.stopped:
            yield from persistently(ask, self._job.host_id, self._line, self._tools)

    def _wait(self, step: Step) -> Iterator[HostEvent]:
        if self.stopped:
            return
        events: Iterator[StepEvent] = iter(())
        if isinstance(step, WaitStep):
            events = wait_for(step, self._job, self._line, self._tools)
        elif isinstance(step, ApproveStep):
            events = wait_for_word(step, self._job, self._line, self._tools)
        for event in events:
            yield self._keep(self._in_its_place(event.result)) if isinstance(event, StepEnded) else event

    def _act(self, step: Step, lease: Lease) -> Iterator[HostEvent]:
        course, intended = self._course_of(step, lease), False
        for event in course.events():
            match event:
                case Intended():
                    self.in_doubt = intended = True
                    yield event
                case StepEnded(result=result):
                    yield self._changed(result)
                case _:
                    yield event
        if intended and not self.in_doubt:
            self._told += course.parcels if isinstance(course, Repeated) else [course.parcel]

    def _course_of(self, step: Step, lease: Lease) -> Change | Restart | Play | Repeated:
        parcel_id = f"{self._job.run_id}-{self._job.host_id}-{self._part}{len(self.results)}"
        if isinstance(step, RebootStep):
            return Restart(step, parcel_id, self._job, lease, self._line, self._tools)
        if isinstance(step, AnsibleStep):
            return Play(step, parcel_id, self._job, lease, self._line, self._tools)
        if not isinstance(step, ScriptStep):
            raise TypeError(f"{step.name} changes nothing")
        script = changing_script(self._job, step)

        def change(number: int) -> Change:
            this_id = f"{parcel_id}-again{number}" if number else parcel_id
            parcel = Parcel(id=this_id, step=step.name, run_as=step.run_as, timeout=step.timeout)
            return Change(parcel, script, self._job, lease, self._line, self._tools)

        return Repeated(step, change, self._job, self._line, self._tools) if step.repeatable else change(0)

    def _changed(self, result: StepResult) -> StepEnded:
        self.in_doubt = result.outcome is Outcome.UNKNOWN
        result = self._in_its_place(result)
        self.acted = self.acted or (result.exit_code is not None and result.outcome is not Outcome.BLOCKED)
        return self._keep(result)

    def _in_its_place(self, result: StepResult) -> StepResult:
        """Nothing was changed by this step: after an earlier one that did, the host is left half way."""
        if result.outcome not in {Outcome.BLOCKED, Outcome.DEFERRED, Outcome.NOT_REACHED} or not self.acted:
            return result
        reason = f"{result.reason}; an earlier step had changed the host already"
        return replace(result, outcome=Outcome.FAILED, reason=reason)

    def _keep(self, result: StepResult) -> StepEnded:
        if result.reason:
            result = replace(result, reason=masked(result.reason, self._tools.redact))
        self.results.append(result)
        return StepEnded(host_id=self._job.host_id, result=result)


def _is_gate(step: Step) -> bool:
    """Whether it holds up what comes after it."""
    return isinstance(step, WaitStep | ApproveStep)
