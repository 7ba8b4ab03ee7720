"""One host of one run, from its lease to its result."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import replace

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import FileError, HostBusy, LinkLost, NotPermitted, NotReached, Stopped, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease
from msp_ops.domain.run import HostResult
from msp_ops.domain.step import CheckStep, ScriptStep
from msp_ops.engine.again import persistently
from msp_ops.engine.events import HostBegan, HostEnded, HostEvent, StepEvent, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.platform import ask_platform, not_for
from msp_ops.engine.save import save_result
from msp_ops.engine.testimony import masked
from msp_ops.engine.undo import End, Undo
from msp_ops.engine.verdict import verdict
from msp_ops.engine.waiting import pauses
from msp_ops.engine.walk import Walk

Evidence = tuple[CheckStep | ScriptStep, ...]


def run_on_host(job: HostJob, tools: Tools) -> Iterator[HostEvent]:
    """The events of one host; the last one is its result, recorded, whatever the world does."""
    return HostRun(job, tools).events()


class HostRun:
    """The course of one host. Used once; by several threads, but only by one at a time."""

    def __init__(self, job: HostJob, tools: Tools) -> None:
        self._job = job
        self._tools = tools
        self._line = Line(tools.transport, job.target)
        self._before = Walk(job, tools, self._line)
        self._walk = Walk(job, tools, self._line)
        self._after = Walk(job, tools, self._line)
        self._undo = Undo(job, tools, self._line)
        self._lease: Lease | None = None
        self._verifying = False

    def events(self) -> Iterator[HostEvent]:
        yield HostBegan(host_id=self._job.host_id)
        watch = Stopwatch.start(self._tools.clock)
        try:
            outcome, reason = yield from self._course()
            walks = (self._before, self._walk, self._undo.walk, self._after)
            result = HostResult(
                host_id=self._job.host_id,
                outcome=outcome,
                reason=masked(reason, self._tools.redact),
                interval=watch.read(),
                steps=tuple(step for walk in walks for step in walk.results),
            )
            end = save_result(result, self._job, self._tools)
            if isinstance(end, HostEnded) and outcome is not Outcome.UNKNOWN:
                self._walk.forget()
                self._undo.walk.forget()
        finally:
            self._line.drop()
        yield end

    def _course(self) -> Generator[HostEvent, None, End]:
        """How far it came, whatever the world did; then what is taken back, then how the host looks afterwards."""
        refusal = self._job.refused()
        if refusal is not None:
            return Outcome.DEFERRED, refusal
        end = yield from self._fix()
        if self._lease and self._walk.acted:
            end = yield from self._undo.after(end, self._lease)
            yield from self._testify_after()
        return end

    def _fix(self) -> Generator[HostEvent, None, End]:
        try:
            passed_by = yield from self._on_the_host()
        except Stopped as order:
            return self._cut_short(Outcome.DEFERRED, str(order))
        except (NotPermitted, StoreError) as problem:
            return self._cut_short(Outcome.BLOCKED, str(problem))
        except (NotReached, LinkLost, FileError) as problem:
            return self._cut_short(Outcome.NOT_REACHED, str(problem))
        return (Outcome.SKIPPED, passed_by) if passed_by else verdict(self._walk.results, self._job.runbook)

    def _cut_short(self, before_any_change: Outcome, why: str) -> End:
        """What an interruption means depends on how far the host was changed."""
        if self._walk.in_doubt:
            return Outcome.UNKNOWN, f"{why}; the change was on its way, and how it ended is not known"
        if self._walk.acted and self._verifying:
            return Outcome.UNVERIFIED, f"{why}; the change ended, its verification did not"
        if self._walk.acted:
            done = sum(step.exit_code is not None for step in self._walk.results)
            return Outcome.FAILED, f"{why}; {done} of {len(self._job.runbook.steps)} steps were done"
        return before_any_change, why

    def _on_the_host(self) -> Generator[HostEvent, None, str | None]:
        """Why the host was passed by, or None."""
        runbook = self._job.runbook
        if runbook.asks_for_platform:
            yield from persistently(self._ask_platform, self._job.host_id, self._line, self._tools)
            if passed_by := not_for(runbook, self._walk.platform):
                return passed_by
        if runbook.changes:
            self._lease = yield from self._take_host()
            yield from self._before.look(_named(runbook.evidence, "before"))
            yield from self._walk.change(runbook.steps, self._lease)
        else:
            yield from self._walk.look(runbook.steps)
        self._verifying = True
        if not self._walk.stopped:
            yield from self._walk.look(runbook.verify)
        return None

    def _ask_platform(self) -> Iterator[StepEvent]:
        platform = ask_platform(self._line.session())
        for walk in (self._before, self._walk, self._after, self._undo.walk):
            walk.platform = platform
        yield from ()

    def _take_host(self) -> Generator[HostEvent, None, Lease]:
        """The lease; who may wait for a busy host is told meanwhile who holds it."""
        until = self._tools.clock.elapsed() + self._tools.patience.busy
        waited = False
        for pause in pauses(self._tools.patience.pause):
            try:
                lease = self._tools.journal.take_host(self._job.run_id, self._job.host_id, self._job.peers)
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

    def _testify_after(self) -> Iterator[HostEvent]:
        """How the host looks now decides nothing: a link that breaks here changes no outcome."""
        with suppress(FileError, LinkLost, NotReached, Stopped):
            yield from self._after.look(_named(self._job.runbook.evidence, "after"))


def _named(evidence: Evidence, when: str) -> Evidence:
    return tuple(replace(step, name=f"{step.name}, {when}") for step in evidence)
