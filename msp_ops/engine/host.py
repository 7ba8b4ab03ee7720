"""One host of one run, from its lease to its result."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import groupby

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import FileError, LinkLost, NotPermitted, NotReached, StoreError
from msp_ops.domain.finding import at_least
from msp_ops.domain.outcome import Outcome, fold
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.run import HostResult, StepResult
from msp_ops.domain.runbook import CheckStep, ScriptStep, Step
from msp_ops.engine.act import change, parcel_of
from msp_ops.engine.events import HostBegan, HostEnded, HostEvent, Intended, Said, StepEnded
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.look import ask_batch, ask_script, batches
from msp_ops.engine.save import save_result
from msp_ops.transports.base import Session


def run_on_host(job: HostJob, tools: Tools) -> Iterator[HostEvent]:
    """The events of one host; the last one is its result, recorded, whatever the world does."""
    return HostRun(job, tools).events()


class HostRun:
    """The course of one host. Used once, by one thread."""

    def __init__(self, job: HostJob, tools: Tools) -> None:
        self._job = job
        self._tools = tools
        self._open = ExitStack()
        self._steps: list[StepResult] = []
        self._told: list[tuple[Session, Parcel]] = []  # what the host has told in full, and still keeps
        self._in_doubt = False  # an intent is saved and the host has not yet told how it ended
        self._acted = False  # a changing step has ended on the host
        self._verifying = False

    def events(self) -> Iterator[HostEvent]:
        yield HostBegan(host_id=self._job.host_id)
        watch = Stopwatch.start(self._tools.clock)
        with self._open:
            outcome, reason = yield from self._course()
            result = HostResult(
                host_id=self._job.host_id,
                outcome=outcome,
                reason=self._masked(reason),
                interval=watch.read(),
                steps=tuple(self._steps),
            )
            end = save_result(result, self._job, self._tools)
            if isinstance(end, HostEnded):
                self._forget()
        yield end

    def _course(self) -> Generator[HostEvent, None, tuple[Outcome, str]]:
        """How far it came, whatever the world did."""
        refusal = self._job.refused()
        if refusal is not None:
            return Outcome.DEFERRED, refusal
        try:
            yield from self._on_the_host()
        except (NotPermitted, StoreError) as problem:
            return self._cut_short(Outcome.BLOCKED, str(problem))
        except (NotReached, LinkLost, FileError) as problem:
            return self._cut_short(Outcome.NOT_REACHED, str(problem))
        return self._fold()

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

    def _forget(self) -> None:
        """Only now: until the result is saved, the host's own record is the only proof."""
        for session, parcel in self._told:
            with suppress(LinkLost, NotReached):  # what lies there is gone with the host's next boot
                session.forget(parcel)

    def _on_the_host(self) -> Iterator[HostEvent]:
        job, runbook = self._job, self._job.runbook
        if runbook.changes:
            self._tools.journal.take_host(job.run_id, job.host_id)
        session = self._open.enter_context(self._tools.transport.connect(job.target))
        yield from self._perform(session, runbook.steps)
        self._verifying = True
        if not self._stopped():
            yield from self._perform(session, runbook.verify)

    def _perform(self, session: Session, steps: Sequence[Step]) -> Iterator[HostEvent]:
        for is_check, group in groupby(steps, key=lambda step: isinstance(step, CheckStep)):
            together = list(group)
            if is_check:
                checks = [step for step in together if isinstance(step, CheckStep)]
                yield from self._check(session, checks)
                continue
            for step in together:
                if isinstance(step, ScriptStep) and not self._stopped():
                    yield from self._script(session, step)

    def _stopped(self) -> bool:
        return any(step.outcome > Outcome.UNVERIFIED for step in self._steps)

    def _check(self, session: Session, steps: list[CheckStep]) -> Iterator[HostEvent]:
        if self._stopped():
            return
        for batch in batches(steps, self._job, self._tools):
            for result in ask_batch(session, batch, self._job, self._tools):
                yield self._keep(result)

    def _script(self, session: Session, step: ScriptStep) -> Iterator[HostEvent]:
        if not step.changes:
            yield self._keep(ask_script(session, step, self._job, self._tools))
            return
        parcel = parcel_of(step, len(self._steps), self._job)
        for event in change(session, parcel, step, self._job, self._tools):
            match event:
                case Intended():
                    self._in_doubt = True
                    yield event
                case StepEnded(result=result):
                    yield self._changed(result)
                case Said():
                    yield event
        if not self._in_doubt:
            self._told.append((session, parcel))

    def _changed(self, result: StepResult) -> StepEnded:
        self._in_doubt = result.outcome is Outcome.UNKNOWN
        if result.outcome is Outcome.BLOCKED and self._acted:
            reason = f"{result.reason}; an earlier step had changed the host already"
            result = replace(result, outcome=Outcome.FAILED, reason=reason)
        self._acted = self._acted or result.outcome is not Outcome.BLOCKED
        return self._keep(result)

    def _keep(self, result: StepResult) -> StepEnded:
        result = replace(result, reason=self._masked(result.reason))
        self._steps.append(result)
        return StepEnded(host_id=self._job.host_id, result=result)

    def _masked(self, text: str) -> str:
        """A reason may quote the host, and a hostile host quotes what it was given."""
        return self._tools.redact(text.encode(errors="replace")).decode(errors="replace")

    def _fold(self) -> tuple[Outcome, str]:
        worst = fold(step.outcome for step in self._steps)
        if worst > Outcome.SUCCEEDED:
            return worst, next(step.reason for step in self._steps if step.outcome is worst)
        floor = self._job.runbook.fails_on
        found = [f for step in self._steps for f in step.findings if floor and at_least(f.severity, floor)]
        if found:
            return Outcome.FAILED, found[0].message
        changed = any(step.changed for step in self._steps)
        return worst, "" if changed or not self._job.runbook.changes else "nothing was to do"
