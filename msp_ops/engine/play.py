"""A playbook as one changing step of one host, between two marks on the host itself.

Ansible opens its own connections, so the host cannot tell its end by itself. A parcel of ours holds the host meanwhile:
no other change begins there, and once nobody gives it signs of life it ends as what nobody knows the end of. A playbook
is never run again by itself.
"""

from collections.abc import Generator, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from shlex import quote
from threading import Thread

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import LinkLost, MspOpsError, NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.run import StepResult
from msp_ops.domain.step import AnsibleStep, PlaybookStep
from msp_ops.engine.again import persistently
from msp_ops.engine.events import Intended, Said, StepEnded, StepEvent
from msp_ops.engine.job import HostJob, PlaybookOrder, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.proof import step_result
from msp_ops.engine.scope import runbook_name
from msp_ops.engine.script import kept_by, known_to
from msp_ops.engine.testimony import masked
from msp_ops.playbooks.job import HostEnd, ModuleCall, Playbook, PlaybookEvent, TaskSaid
from msp_ops.transports.base import Running

LOST = 111  # how the host's mark ends when nobody spoke to it any more
SILENT = timedelta(seconds=90)
SLACK = timedelta(minutes=2)
BRIEF = timedelta(seconds=20)
EXITS = {Outcome.SUCCEEDED: 0, Outcome.FAILED: 1, Outcome.NOT_REACHED: 75}
HOLD = "# held for a playbook\n"
SIGN = "# a sign of life of a playbook, or its end\numask 077\n"
MARK = f"""{HOLD}umask 077
mark=MARK
mkdir -p -- "$mark" && cd -- "$mark" || exit 75
silent=0
while [ ! -e said ]; do
  sleep 1
  silent=$((silent + 1))
  if [ -e beat ]; then
    rm -f beat
    silent=0
  fi
  if [ "$silent" -ge {SILENT.seconds} ]; then
    echo 'msp: why nobody can say how the playbook ended: the one who ran it is silent'
    exit {LOST}
  fi
done
{{ read -r code && cat; }} <said
cd / && rm -rf -- "$mark"
exit "$code"
"""
_Heard = PlaybookEvent | BaseException | None


class Play:
    """One playbook on one host. Used once."""

    def __init__(self, step: AnsibleStep, parcel_id: str, job: HostJob, lease: Lease, line: Line, tools: Tools) -> None:
        self._step = step
        self._job = job
        self._lease = lease
        self._line = line
        self._tools = tools
        self._beat = tools.patience.beat
        self._mark = f"{kept_by(job)}/{parcel_id}"
        self.parcel = Parcel(id=parcel_id, step=step.name, run_as="root", timeout=step.timeout + SLACK)

    def events(self) -> Iterator[StepEvent]:
        """The last one is the step's result: `unknown` when Ansible came to no end.

        Raises LinkLost, NotReached before the intent was saved, or while nothing of the playbook has begun.
        """
        watch = Stopwatch.start(self._tools.clock)
        yield from persistently(self._deliver, self._job.host_id, self._line, self._tools)
        self._tools.stopping.check()
        self._tools.journal.intend(self._job.run_id, self._job.host_id, self.parcel, self._lease)
        yield Intended(host_id=self._job.host_id, step=self._step.name)
        session = self._line.session()
        session.commit(self.parcel, self._lease)
        held = session.collect(self.parcel)
        if not isinstance(held, Running):  # another change holds the host, or it could not begin
            result = step_result(self.parcel, held, watch.read(), runbook_name(self._job), self._tools.redact)
            yield StepEnded(host_id=self._job.host_id, result=result)
            return
        end = yield from self._played()
        self._tell_the_mark(end)
        yield StepEnded(host_id=self._job.host_id, result=self._result(end, watch))

    def _deliver(self) -> Iterator[StepEvent]:
        self._line.session().deliver(self.parcel, _mark_script(self._mark))
        yield from ()

    def _played(self) -> Generator[StepEvent, None, HostEnd | str]:
        """How it ended, or why it never began."""
        heard: SimpleQueue[_Heard] = SimpleQueue()
        Thread(target=self._play, args=(heard,), name=f"playbook-{self._job.host_id}", daemon=True).start()
        end: HostEnd | None = None
        for event in self._alive(heard):
            match event:
                case TaskSaid():
                    yield self._said(event)
                case HostEnd():
                    end = event
                case MspOpsError() if end is None:
                    return str(event)
                case BaseException():
                    raise event
                case None:
                    return _surely(end)
        raise AssertionError("it is heard until its end")

    def _alive(self, heard: SimpleQueue[_Heard]) -> Iterator[_Heard]:
        """What is heard; the host gets its signs of life also while a playbook talks without a pause."""
        spoken = self._tools.clock.elapsed()
        while True:
            if self._tools.clock.elapsed() - spoken >= self._beat:
                spoken = self._tools.clock.elapsed()
                self._write("beat", "")
            with suppress(Empty):
                yield heard.get(timeout=self._beat.total_seconds())

    def _said(self, event: TaskSaid) -> Said:
        line = f"{event.task}: {event.status}{': ' if event.text else ''}{event.text}"
        return Said(host_id=self._job.host_id, step=self._step.name, line=line)

    def _play(self, heard: SimpleQueue[_Heard]) -> None:
        try:
            for event in self._tools.play(order_of(self._step, self._job), self._tools.stopping, self._tools.redact):
                heard.put(event)
        except BaseException as defect:  # noqa: BLE001  # not kept: the host's own thread raises it
            heard.put(defect)
        heard.put(None)

    def _tell_the_mark(self, end: HostEnd | str) -> None:
        """The host's own record says how it ended, so that recovery after a crash can tell it too."""
        code = 75 if isinstance(end, str) else EXITS.get(_outcome(end), LOST)
        changed = () if isinstance(end, str) else end.changed
        why = masked(end, self._tools.redact) if isinstance(end, str) else end.reason
        lines = [*(f"msp: changed playbook {_line(task)}" for task in changed), f"msp: why {_line(why)}" if why else ""]
        self._write("said", "\n".join([str(code), *(line for line in lines if line)]) + "\n")
        with suppress(LinkLost, NotReached):
            for _ in self._line.session().follow(self.parcel, at_most=BRIEF):
                pass

    def _write(self, name: str, text: str) -> None:
        """Whole or not at all; a link that is down now is opened at the next word."""
        path = quote(f"{self._mark}/{name}")
        script = f"{SIGN}printf %s {quote(text)} >{path}.new && mv {path}.new {path}\n"
        try:
            self._line.session().ask(script.encode(), "root", BRIEF)
        except (LinkLost, NotReached):
            self._line.drop()

    def _result(self, end: HostEnd | str, watch: Stopwatch) -> StepResult:
        if isinstance(end, str):
            reason = masked(f"the playbook did not begin: {end}", self._tools.redact)
            return StepResult(name=self._step.name, outcome=Outcome.BLOCKED, reason=reason, interval=watch.read())
        outcome = _outcome(end)
        return StepResult(
            name=self._step.name,
            outcome=outcome,
            reason=end.reason,
            interval=watch.read(),
            exit_code=None if outcome is Outcome.NOT_REACHED else EXITS.get(outcome),
            evidence=end.evidence,
            changed=end.changed,
        )


def order_of(step: AnsibleStep, job: HostJob, *, check: bool = False) -> PlaybookOrder:
    """What is asked of Ansible for this host: its client's roles and sites are groups, also those without it."""
    host = job.target.host
    sites = {site.id: tuple(each.id for each in site.hosts if each.id == host.id) for site in job.client.sites}
    roles = {role: () for each in job.client.hosts() for role in each.roles}
    return PlaybookOrder(
        step=step.name,
        what=_work(step, Path(job.runbook.folder)),
        digest=job.runbook.digest,
        target=job.target,
        groups={**sites, **roles, **dict.fromkeys(host.roles, (host.id,)), **_own_groups(step, job)},
        variables={name.replace("-", "_"): value for name, value in known_to(job).items()},
        check=check,
        timeout=step.timeout,
    )


def _work(step: AnsibleStep, folder: Path) -> Playbook | ModuleCall:
    if isinstance(step, PlaybookStep):
        return Playbook(
            folder=folder,
            file=step.file,
            of_collection=step.of_collection,
            tags=step.tags,
            skip_tags=step.skip_tags,
            vault_password=step.vault_password,
        )
    return ModuleCall(folder=folder, name=step.module, arguments=step.arguments, become=step.run_as == "root")


def _own_groups(step: AnsibleStep, job: HostJob) -> dict[str, tuple[str, ...]]:
    """The names that the playbook has for hosts; the step says which of ours they are."""
    host = job.target.host
    at = {site.id for site in job.client.sites if host.id in {each.id for each in site.hosts}}
    ours = {"all", *host.roles, *at}
    groups = step.groups if isinstance(step, PlaybookStep) else {}
    return {name: (host.id,) if ours.intersection(words) else () for name, words in groups.items()}


def _outcome(end: HostEnd) -> Outcome:
    """A host that no play touched is missing from what was asked."""
    return Outcome.FAILED if end.outcome is Outcome.SKIPPED else end.outcome


def _surely(end: HostEnd | None) -> HostEnd:
    if end is None:
        raise AssertionError("a playbook ended without saying how")
    return end


def is_mark(script: str) -> bool:
    """Whether this is what holds a host during a playbook."""
    return script.startswith(HOLD)


def _mark_script(mark: str) -> bytes:
    return MARK.replace("MARK", quote(mark)).encode()


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
