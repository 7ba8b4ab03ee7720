"""One host of one run, from its lease to its result."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import FileError, HostBusy, LinkLost, NotPermitted, NotReached, Stopped, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.run import HostResult, StepResult
from msp_ops.domain.runbook import RebootStep, ScriptStep, Step
from msp_ops.engine.act import Change
from msp_ops.engine.again import persistently
from msp_ops.engine.events import HostBegan, HostEnded, HostEvent, Intended, StepEnded, StepEvent, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.look import is_look, look
from msp_ops.engine.restart import Restart
from msp_ops.engine.save import save_result
from msp_ops.engine.script import changing_script
from msp_ops.engine.testimony import masked
from msp_ops.engine.verdict import is_bad, verdict
from msp_ops.engine.waiting import pauses


def run_on_host(job: HostJob, tools: Tools) -> Iterator[HostEvent]:
    """The events of one host; the last one is its result, recorded, whatever the world does."""
    return HostRun(job, tools).events()


class HostRun:
    """The course of one host. Used once; by several threads, but only by one at a time."""

    def __init__(self, job: HostJob, tools: Tools) -> None:
        self._job = job
        self._tools = tools
        self._line = Line(tools.transport, job.target)
        self._steps: list[StepResult] = []
        self._told: list[Parcel] = []  # what the host has told in full, and still keeps
        self._in_doubt = False  # an intent is saved and the host has not yet told how it ended
        self._acted = False  # a changing step has ended on the host
        self._verifying = False

    def events(self) -> Iterator[HostEvent]:
        yield HostBegan(host_id=self._job.host_id)
        watch = Stopwatch.start(self._tools.clock)
        try:
            outcome, reason = yield from self._course()
            result = HostResult(
                host_id=self._job.host_id,
                outcome=outcome,
                reason=self._masked(reason),
                interval=watch.read(),
                steps=tuple(self._steps),
            )
            end = save_result(result, self._job, self._tools)
            if isinstance(end, HostEnded) and outcome is not Outcome.UNKNOWN:
                self._forget()
        finally:
            self._line.drop()
        yield end

    def _course(self) -> Generator[HostEvent, None, tuple[Outcome, str]]:
        """How far it came, whatever the world did."""
        refusal = self._job.refused()
        if refusal is not None:
            return Outcome.DEFERRED, refusal
        try:
            yield from self._on_the_host()
        except Stopped as order:
            return self._cut_short(Outcome.DEFERRED, str(order))
        except (NotPermitted, StoreError) as problem:
            return self._cut_short(Outcome.BLOCKED, str(problem))
        except (NotReached, LinkLost, FileError) as problem:
            return self._cut_short(Outcome.NOT_REACHED, str(problem))
        return verdict(self._steps, self._job.runbook)

    def _cut_short(self, before_any_change: Outcome, why: str) -> tuple[Outcome, str]:
        """What an interruption means depends on how far the host was changed."""
        if self._in_doubt:
            return Outcome.UNKNOWN, f"{why}; the change was on its way, and how it ended is not known"
        if self._acted and self._verifying:
            return Outcome.UNVERIFIED, f"{why}; the change ended, its verification did not"
        if self._acted:
            done = sum(step.exit_code is not None for step in self._steps)
            return Outcome.FAILED, f"{why}; {done} of {len(self._job.runbook.steps)} steps were done"
        return before_any_change, why

    def _on_the_host(self) -> Iterator[HostEvent]:
        runbook = self._job.runbook
        if runbook.changes:
            lease = yield from self._take_host()
            yield from self._change(runbook.steps, lease)
        else:
            yield from self._look(runbook.steps)
        self._verifying = True
        if not self._stopped():
            yield from self._look(runbook.verify)

    def _take_host(self) -> Generator[HostEvent, None, Lease]:
        """The lease; who may wait for a busy host is told meanwhile who holds it."""
        until = self._tools.clock.elapsed() + self._tools.patience.busy
        waited = False
        for pause in pauses(self._tools.patience.pause):
            try:
                lease = self._tools.journal.take_host(self._job.run_id, self._job.host_id)
                if waited and (refusal := self._job.refused()):
                    raise Stopped(refusal)  # the window closed, or a freeze began, while we waited
            except HostBusy as problem:
                if self._tools.clock.elapsed() >= until:
                    raise
                waited = True
                yield Waiting(host_id=self._job.host_id, why=str(problem), pause=pause)
                self._tools.stopping.check()
            else:
                return lease
        raise AssertionError("pauses have no end")

    def _change(self, steps: Sequence[Step], lease: Lease) -> Iterator[HostEvent]:
        for looking, group in groupby(steps, key=is_look):
            if looking:
                yield from self._look(tuple(group))
                continue
            for step in group:
                if self._stopped():
                    return
                self._tools.stopping.check()
                yield from self._act(step, lease)

    def _look(self, steps: Sequence[Step]) -> Iterator[HostEvent]:
        """Stops at the first step that disproves; nothing is asked when there is nothing to look at."""
        left = list(steps)

        def ask() -> Iterator[StepEvent]:
            for result in look(tuple(left), self._line.session(), self._job, self._tools):
                left.pop(0)
                yield self._keep(result)
                if self._stopped():
                    return

        if left and not self._stopped():
            yield from persistently(ask, self._job.host_id, self._line, self._tools)

    def _act(self, step: Step, lease: Lease) -> Iterator[HostEvent]:
        course, intended = self._course_of(step, lease), False
        for event in course.events():
            match event:
                case Intended():
                    self._in_doubt = intended = True
                    yield event
                case StepEnded(result=result):
                    yield self._changed(result)
                case _:
                    yield event
        if intended and not self._in_doubt:
            self._told.append(course.parcel)

    def _course_of(self, step: Step, lease: Lease) -> Change | Restart:
        parcel_id = f"{self._job.run_id}-{self._job.host_id}-{len(self._steps)}"
        if isinstance(step, RebootStep):
            return Restart(step, parcel_id, self._job, lease, self._line, self._tools)
        if not isinstance(step, ScriptStep):
            raise TypeError(f"{step.name} changes nothing")
        parcel = Parcel(id=parcel_id, step=step.name, run_as=step.run_as, timeout=step.timeout)
        script = changing_script(self._job.runbook, step, self._job.parameters)
        return Change(parcel, script, self._job, lease, self._line, self._tools)

    def _stopped(self) -> bool:
        return any(is_bad(step) for step in self._steps)

    def _changed(self, result: StepResult) -> StepEnded:
        self._in_doubt = result.outcome is Outcome.UNKNOWN
        if result.outcome in {Outcome.BLOCKED, Outcome.DEFERRED} and self._acted:
            reason = f"{result.reason}; an earlier step had changed the host already"
            result = replace(result, outcome=Outcome.FAILED, reason=reason)
        self._acted = self._acted or (result.exit_code is not None and result.outcome is not Outcome.BLOCKED)
        return self._keep(result)

    def _keep(self, result: StepResult) -> StepEnded:
        if result.reason:
            result = replace(result, reason=self._masked(result.reason))
        self._steps.append(result)
        return StepEnded(host_id=self._job.host_id, result=result)

    def _masked(self, text: str) -> str:
        return masked(text, self._tools.redact)

    def _forget(self) -> None:
        """Only now: until the result is saved, the host's own record is the only proof."""
        for parcel in self._told:
            with suppress(LinkLost, NotReached):  # what lies there is gone with the host's next boot
                self._line.session().forget(parcel)
