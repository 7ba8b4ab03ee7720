"""A stand-in for a host: it knows which step each script belongs to, and says what the rehearsal has it say."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256

from typing_extensions import override

from msp_ops.checks.base import Check
from msp_ops.checks.script_report import read_report
from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease
from msp_ops.domain.rehearsal import RESTART_QUESTION, Rehearsal, Spoken
from msp_ops.domain.run import Evidence
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import (
    ApproveStep,
    CheckStep,
    ModuleStep,
    PlaybookStep,
    RebootStep,
    ScriptStep,
    Step,
    WaitStep,
)
from msp_ops.engine.batch import question, questions_in
from msp_ops.engine.boot import BOOT_ID, IS_UP, RESTART
from msp_ops.engine.job import HostJob, PlaybookOrder
from msp_ops.engine.platform import QUESTION as PLATFORM
from msp_ops.engine.play import SIGN, is_mark
from msp_ops.engine.restart import PENDING
from msp_ops.engine.script import changing_script, looking_script, plain_parameters, variables
from msp_ops.engine.stopping import Stopping
from msp_ops.outside.base import Order
from msp_ops.playbooks.job import HostEnd, PlaybookEvent
from msp_ops.secrets.redact import Redact
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost, Moment

FOR_EVER = 1_000_000
NOTHING_KNOWN = Spoken(exit=255)
Names = Mapping[str, tuple[str, ...]]


class StandInHost(FakeHost):
    """See `transports.fake.FakeHost`. `differences`: where what was asked is not what the rehearsal answers."""

    def __init__(self, runbook: Runbook, rehearsal: Rehearsal, names: Names) -> None:
        host = rehearsal.host
        super().__init__(
            looked=self._looked,
            changed=self._changed,
            cut_at=host.cut_at,
            down_for=0 if host.connects else FOR_EVER,
            blocked_by=host.blocked_by,
        )
        self._host = host
        self._names = names
        self._says = rehearsal.says
        self._at = rehearsal.at
        self._from_here = {
            step.check: step.name for step in runbook.all_steps() if isinstance(step, CheckStep) and step.from_here
        }
        self._reboots = {step.name for step in runbook.all_steps() if isinstance(step, RebootStep)}
        self._boot = 1
        self._scripts: Counter[str] = Counter()
        self._steps: Counter[str] = Counter()
        self._strange: list[str] = []

    @override
    def breaks(self, moment: Moment) -> None:
        try:
            super().breaks(moment)
        except LinkLost:
            self.down_for = 0 if self._host.comes_back else FOR_EVER
            raise

    def differences(self) -> Iterator[str]:
        yield from self._strange
        if self.cut_at is not None:
            yield f"the link never broke at {self.cut_at}: the run did not come so far, or has no such moment"
        for name, answers in self._says.items():
            asked = self._steps[name]
            if not asked:
                yield f"'{name}' has an answer and was never asked"
            elif len(answers) > 1 and asked != len(answers):
                yield f"'{name}' has {len(answers)} answers and was asked {asked} times"
        yield from (f"'{parcel}' was carried out {times} times" for parcel, times in self.ran.items() if times > 1)

    def word_on(self, name: str) -> Spoken | None:
        """What a person says to a step that waits for a word; None: nobody says one."""
        return self._said_to_step(name) if name in self._says else None

    def play(self, order: PlaybookOrder, _stopping: Stopping, _redact: Redact) -> Iterator[PlaybookEvent]:
        """Ansible, whose every word the rehearsal says."""
        said = self._said_to_step(order.step)
        body = said.output.encode()
        report = read_report(said.output, check=order.step, at=self._at)
        yield HostEnd(
            host_id=order.target.host.id,
            outcome=Outcome.SUCCEEDED if said.exit == 0 else Outcome.FAILED,
            reason=report.why,
            changed=report.changed,
            evidence=Evidence(digest=sha256(body).hexdigest(), body=body),
        )

    def look_from_here(self, order: Order) -> str:
        """What this machine would see of the host from outside."""
        said = self._said_to_step(self._from_here[order.check])
        if said.exit != 0:
            raise NotReached(said.output.strip() or "this machine has no network")
        return said.output

    @override
    def begin(self, parcel_id: str, lease: Lease) -> None:
        super().begin(parcel_id, lease)
        if is_mark(self.delivered[parcel_id].decode()):
            self.busy[parcel_id] = 1

    def _looked(self, script: str) -> Answer:
        if script.startswith(SIGN):
            return _answer(Spoken())
        if script == BOOT_ID.decode():
            return _answer(Spoken(output=f"{self._boot_id()}\n"))
        if script == PLATFORM.decode():
            return _answer(Spoken(output="\n".join(self._host.platform)))
        if script == IS_UP.decode():
            return _answer(Spoken())
        together = questions_in(script)
        if not together:
            return _answer(self._said_to(script))
        said = [(self._said_to(text), mark, number) for text, mark, number in together]
        text = "".join(f"{one.output}\n{mark} {number} {one.exit}\n" for one, mark, number in said)
        return _answer(Spoken(output=text))

    def _changed(self, script: str) -> Answer:
        if is_mark(script):
            return _answer(Spoken())
        said = self._said_to(script)
        if script == RESTART.decode() and said.exit == 0:
            self._boot += 1
        return _answer(said)

    def _said_to(self, script: str) -> Spoken:
        """Equal scripts of several steps are taken in the order of the steps that have an answer."""
        names = self._names.get(script)
        if names is None:
            self._strange.append(f"a script of no step was sent: {script[:80]!r}")
            return NOTHING_KNOWN
        answered = [name for name in names if name in self._says] or names
        turn = self._scripts[script]
        self._scripts[script] += 1
        return self._said_to_step(answered[min(turn, len(answered) - 1)])

    def _said_to_step(self, name: str) -> Spoken:
        turn = self._steps[name]
        self._steps[name] += 1
        match self._says.get(name):
            case None if name in self._reboots:
                return Spoken(output=f"from boot {self._boot_id()}\nmsp: changed the host was restarted\n")
            case None:
                self._strange.append(f"'{name}' was asked, and says has no answer")
                return NOTHING_KNOWN
            case answers:
                said = answers[min(turn, len(answers) - 1)]
                if misspelt := read_report(said.output, check=name, at=self._at).misspelt:
                    self._strange.append(f"'{name}': {misspelt}")
                return said

    def _boot_id(self) -> str:
        return f"00000000-0000-4000-8000-{self._boot:012x}"


def scripts_of(job: HostJob, checks: Mapping[str, Check]) -> Names:
    """Every script that the engine may send to this host, as it sends it, and whose it is."""
    names: dict[str, dict[str, None]] = defaultdict(dict)  # in order, each once
    for step in job.runbook.all_steps():
        for name, script in _sent_for(step, job, checks):
            names[script][name] = None
    return {script: tuple(those) for script, those in names.items()}


def _sent_for(step: Step, job: HostJob, checks: Mapping[str, Check]) -> Iterator[tuple[str, str]]:
    match step:
        case CheckStep(from_here=True):
            pass  # the host is not asked
        case CheckStep():
            yield step.name, question(step, checks, variables(plain_parameters(job)))
        case ScriptStep(changes=True):
            yield step.name, changing_script(job, step).decode()
        case ScriptStep():
            yield step.name, looking_script(job, step).decode()
        case WaitStep():
            yield step.name, looking_script(job, step.question()).decode()
        case RebootStep():
            yield RESTART_QUESTION, question(PENDING, checks, variables(plain_parameters(job)))
            yield step.name, RESTART.decode()
        case ApproveStep() | PlaybookStep() | ModuleStep():
            pass  # a person is asked, or Ansible, not the host


def _answer(said: Spoken) -> Answer:
    return Answer(exit_code=said.exit, output=said.output.encode())
