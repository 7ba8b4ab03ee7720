"""A host is started anew, and is back when it says that it is another boot."""

from collections.abc import Callable, Generator, Iterator
from datetime import timedelta
from typing import TypeVar

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.run import StepResult
from msp_ops.domain.step import CheckStep, RebootStep
from msp_ops.engine.act import Change
from msp_ops.engine.again import persistently
from msp_ops.engine.boot import boot_of, is_up, order_for
from msp_ops.engine.events import StepEnded, StepEvent, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.look import look
from msp_ops.engine.waiting import pauses
from msp_ops.transports.base import Session

T = TypeVar("T")
PENDING = CheckStep(kind="check", name="is a restart pending", check="pending-reboot")
ORDER = timedelta(minutes=1)
REFUSED = timedelta(seconds=30)  # a host that starts refuses logins for a moment; two refusals bar the credential


class Restart:
    """One restart of one host. Used once."""

    def __init__(self, step: RebootStep, parcel_id: str, job: HostJob, lease: Lease, line: Line, tools: Tools) -> None:
        self._step = step
        self._job = job
        self._lease = lease
        self._line = line
        self._tools = tools
        self.parcel = Parcel(id=parcel_id, step=step.name, run_as="root", timeout=ORDER)

    def events(self) -> Iterator[StepEvent]:
        """The last one is the step's result: skipped when no restart is wanted, `unknown` when it does not come back.

        Raises LinkLost, NotReached before the intent was saved.
        """
        watch = Stopwatch.start(self._tools.clock)
        wanted = self._step.chosen(self._job.parameters)
        if wanted == "never":
            yield self._ended(Outcome.SKIPPED, "not wanted", watch)
            return
        if wanted == "if-needed":
            (seen,) = yield from self._asked(self._pending)
            if seen.outcome is not Outcome.SUCCEEDED:
                yield self._ended(Outcome.UNVERIFIED, f"not restarted: {seen.reason}", watch)
                return
            if not seen.findings:
                yield self._ended(Outcome.SKIPPED, "no restart is pending", watch)
                return
        (before,) = yield from self._asked(self._boot)
        order = order_for(self._line.session())
        change = Change(self.parcel, order, self._job, self._lease, self._line, self._tools)
        for event in change.events():
            if not isinstance(event, StepEnded):
                yield event
            elif event.result.outcome is not Outcome.SUCCEEDED:
                yield event
                return
        self._line.drop()
        yield from self._until_back(before, watch)

    def _asked(self, ask: Callable[[], T]) -> Generator[StepEvent, None, list[T]]:
        """A look may be repeated."""
        found: list[T] = []

        def once() -> Iterator[StepEvent]:
            found.append(ask())
            yield from ()

        yield from persistently(once, self._job.host_id, self._line, self._tools)
        return found

    def _pending(self) -> StepResult:
        return ask_pending(self._line.session(), self._job, self._tools)

    def _boot(self) -> str:
        return boot_of(self._line.session())

    def _until_back(self, before: str, watch: Stopwatch) -> Iterator[StepEvent]:
        until = self._tools.clock.elapsed() + self._step.timeout
        refused = timedelta(0)
        for pause in pauses(self._tools.patience.restart):
            why = "it is starting anew"
            yield Waiting(host_id=self._job.host_id, why=why, pause=max(pause, refused))
            try:
                if self._is_back(before):
                    yield self._ended(Outcome.SUCCEEDED, "", watch, changed=("the host was restarted",))
                    return
            except (NotReached, LinkLost) as problem:
                self._line.drop()
                refused = REFUSED if isinstance(problem, NotReached) and problem.credential_refused else timedelta(0)
            if self._tools.clock.elapsed() >= until or self._tools.stopping.cancels:
                late = f"was not back within {spell_duration(self._step.timeout)}"
                told = "the wait for it was cancelled" if self._tools.stopping.cancels else late
                yield self._ended(Outcome.UNKNOWN, f"it was told to restart and {told}", watch)
                return

    def _is_back(self, before: str) -> bool:
        session = self._line.session()
        return boot_of(session) != before and (not self._step.services or is_up(session))

    def _ended(self, outcome: Outcome, reason: str, watch: Stopwatch, changed: tuple[str, ...] = ()) -> StepEnded:
        result = StepResult(
            name=self._step.name,
            outcome=outcome,
            reason=reason,
            interval=watch.read(),
            exit_code=0 if outcome is Outcome.SUCCEEDED else None,
            changed=changed,
        )
        return StepEnded(host_id=self._job.host_id, result=result)


def ask_pending(session: Session, job: HostJob, tools: Tools) -> StepResult:
    """Whether the host itself says that it must be restarted: then there is a finding."""
    (seen,) = look((PENDING,), lambda: session, job, tools)
    return seen
