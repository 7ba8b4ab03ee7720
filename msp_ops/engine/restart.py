"""A host is started anew, and is back when it says that it is another boot."""

from collections.abc import Iterator
from datetime import timedelta

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.run import StepResult
from msp_ops.domain.runbook import CheckStep, RebootStep
from msp_ops.engine.act import Change
from msp_ops.engine.events import StepEnded, StepEvent, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.look import look
from msp_ops.engine.waiting import pauses
from msp_ops.transports.base import Session

PENDING = CheckStep(kind="check", name="is a restart pending", check="pending-reboot")
BRIEF = timedelta(seconds=20)
ORDER = timedelta(minutes=1)
BOOT_ID = b"cat /proc/sys/kernel/random/boot_id\n"
# `degraded` is up: which unit failed is the verification's matter
IS_UP = b"""[ -d /run/systemd/system ] || exit 0
case $(systemctl is-system-running) in running|degraded) exit 0 ;; *) exit 1 ;; esac
"""
# later than the end of its own parcel, so that the host has written down that the order was given
RESTART = b"""if [ -d /run/systemd/system ]; then
  systemd-run --quiet --on-active=3 --timer-property=AccuracySec=1s systemctl reboot || exit 1
else
  (sleep 3; reboot) </dev/null >/dev/null 2>&1 &
fi
echo 'msp: changed the host was restarted'
"""


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
            seen = ask_pending(self._line.session(), self._job, self._tools)
            if seen.outcome is not Outcome.SUCCEEDED:
                yield self._ended(Outcome.UNVERIFIED, f"not restarted: {seen.reason}", watch)
                return
            if not seen.findings:
                yield self._ended(Outcome.SKIPPED, "no restart is pending", watch)
                return
        before = self._boot_id()
        change = Change(self.parcel, RESTART, self._job, self._lease, self._line, self._tools)
        for event in change.events():
            if not isinstance(event, StepEnded):
                yield event
            elif event.result.outcome is not Outcome.SUCCEEDED:
                yield event
                return
        self._line.drop()
        yield from self._until_back(before, watch)

    def _until_back(self, before: str, watch: Stopwatch) -> Iterator[StepEvent]:
        until = self._tools.clock.elapsed() + self._step.timeout
        for pause in pauses(self._tools.patience.pause):
            yield Waiting(host_id=self._job.host_id, why="it is starting anew", pause=pause)
            if self._is_back(before):
                yield self._ended(Outcome.SUCCEEDED, "", watch, changed=("the host was restarted",))
                return
            if self._tools.clock.elapsed() >= until:
                why = f"it was told to restart and was not back within {self._step.timeout}"
                yield self._ended(Outcome.UNKNOWN, why, watch)
                return

    def _is_back(self, before: str) -> bool:
        try:
            if self._boot_id() == before:
                return False
            return not self._step.services or self._line.session().ask(IS_UP, "login", BRIEF).exit_code == 0
        except (NotReached, LinkLost):
            self._line.drop()
            return False

    def _boot_id(self) -> str:
        return self._line.session().ask(BOOT_ID, "login", BRIEF).output.decode(errors="replace").strip()

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
    (seen,) = look((PENDING,), session, job, tools)
    return seen
