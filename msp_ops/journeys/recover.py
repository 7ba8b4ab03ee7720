"""Runs that a dead process, a lost link or a restart left open: the hosts are asked how they ended."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from threading import Lock

from msp_ops.domain.client import Host
from msp_ops.domain.errors import MspOpsError, NotPermitted, PlanError
from msp_ops.domain.given import NO_FILES, GivenFiles
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Run
from msp_ops.domain.runbook import Runbook
from msp_ops.engine.events import HostRecovered
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.recover import Lost, Recovery, StillUnknown
from msp_ops.engine.stopping import Stopping
from msp_ops.engine.waiting import pauses
from msp_ops.journeys.given import resolve_secrets, same_files
from msp_ops.journeys.parallel import in_parallel
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.resolve import settle_all
from msp_ops.journeys.targets import target_of
from msp_ops.journeys.tools import tools_for

AT_ONCE = 32
FIRST_PAUSE = timedelta(seconds=15)


Place = tuple[str, str]


def lost_hosts(parts: Parts, run_id: str | None = None) -> list[tuple[Run, str]]:
    """Every host whose end is not known and which nobody is at work on."""
    return [
        (run, host.host_id)
        for run in parts.store.runs.unresolved("steps")
        if run_id is None or run.id == run_id
        for host in run.unresolved
    ]


def recover(parts: Parts, lost: Iterable[tuple[Run, str]], stopping: Stopping | None = None) -> Iterator[HostRecovered]:
    """Ask each host once; what it proves is saved before it is told, and a run with nothing unknown gets its end.

    A `stopping` that cancels has what still runs stopped on its host; one that leaves ends this at once. A defect on
    one host is raised when all others were asked.
    """
    asked, stopping = list(lost), stopping or Stopping()
    tools = ToolsOfClients(parts, asked, stopping)
    yield from in_parallel(lambda each: _recover_one(parts, each[0], each[1], tools), asked, AT_ONCE, stopping)
    settle_all(parts)  # what cannot be settled yet is said by whoever settles next


def ask_before_a_word(parts: Parts, run_id: str, host_id: str) -> None:
    """A person's word is for what the host cannot tell. NotPermitted: it is at work, or it told the end itself."""
    lost = [each for each in lost_hosts(parts, run_id) if each[1] == host_id]
    for each in recover(parts, lost):
        if each.outcome is None:
            raise NotPermitted(
                f"{host_id} can tell: {each.reason}. Wait for its end, or: msp-ops runs cancel {run_id} --now"
            )
        if each.is_known:
            raise NotPermitted(f"{host_id} told the end itself: {each.word}: {each.reason}")


class ToolsOfClients:
    """One redactor a client, for all its lost hosts: a redactor knows every spelling of every secret.

    A run that was given secrets of its own has one of its own.
    """

    def __init__(self, parts: Parts, lost: Iterable[tuple[Run, str]], stopping: Stopping) -> None:
        self._parts = parts
        self._stopping = stopping
        self._hosts = {(run.plan.client_id, host_id) for run, host_id in lost}
        self._made: dict[str, Tools] = {}
        self._lock = Lock()

    def of(self, job: HostJob) -> Tools:
        """FileError: a secret of the client is missing."""
        client = job.client
        key = f"{client.id}/{job.run_id}" if job.given.secrets else client.id
        with self._lock:
            if key not in self._made:
                targets = [target_of(client, host) for host in client.hosts() if (client.id, host.id) in self._hosts]
                self._made[key] = tools_for(self._parts, targets, self._stopping, given=job.given)
            return self._made[key]


def _recover_one(parts: Parts, run: Run, host_id: str, tools: ToolsOfClients) -> HostRecovered:
    def told(outcome: Outcome | None, reason: str) -> HostRecovered:
        return HostRecovered(
            run_id=run.id, client_id=run.plan.client_id, host_id=host_id, outcome=outcome, reason=reason
        )

    try:
        lost = _lost(parts, run, host_id)
        with closing(Recovery(lost, tools.of(lost.job))) as recovery:
            found = recovery.found()
            if isinstance(found, StillUnknown):
                return told(None if found.at_work else Outcome.UNKNOWN, found.why)
            parts.store.journal.prove(run.id, found)
            recovery.forget()
            return told(found.outcome, found.reason)
    except MspOpsError as problem:
        now = next(each for each in _read(parts, run.id).hosts if each.host_id == host_id)
        if now.outcome not in {None, Outcome.UNKNOWN}:  # somebody else was quicker
            return told(now.outcome, now.reason)
        return told(Outcome.UNKNOWN, str(problem))


def _read(parts: Parts, run_id: str) -> Run:
    return parts.store.runs.read(run_id, "ends")


def _lost(parts: Parts, run: Run, host_id: str) -> Lost:
    """FileError, PlanError: the host or its client has left the files, so nobody knows the way to it.

    Or a secret of the run is missing: what the host says could not be kept clean of it.
    """
    client = parts.workspace.client(run.plan.client_id)
    host = next((host for host in client.hosts() if host.id == host_id), None)
    if host is None:
        raise PlanError(f"{client.id} has no host {host_id} any more: msp-ops runs resolve {run.id} {host_id} ...")
    _refuse_another_machine(run, host)
    runbook = parts.workspace.version(run.plan.runbook_id, run.plan.runbook_digest)
    files = _files(parts, runbook, run)
    job = HostJob(
        run_id=run.id,
        client=client,
        runbook=run.plan.as_run(runbook),
        parameters=run.plan.parameters,
        target=target_of(client, host),
        refused=lambda: None,
        undoes=run.plan.undoes,
        given=resolve_secrets(run.plan, files or NO_FILES, parts.resolve),
    )
    state = next(each for each in run.hosts if each.host_id == host_id)
    return Lost(
        job=job,
        intents=parts.store.runs.intents(run.id, host_id),
        as_it_was=runbook.digest == run.plan.runbook_digest and files is not None,
        known=state.result.steps if state.result else (),
    )


def _files(parts: Parts, runbook: Runbook, run: Run) -> GivenFiles | None:
    """None: with another file than the run had, its verification would be another one too."""
    try:
        return same_files(parts.workspace, runbook, run)
    except PlanError:
        return None


def _refuse_another_machine(run: Run, host: Host) -> None:
    """A machine that was set up anew knows nothing of the run, and its verification proves nothing about it."""
    planned = next(each for each in run.plan.hosts if each.id == host.id)
    if host.transport == "winrm" and not planned.host_keys and not host.host_keys:
        return  # nothing is pinned: an authority vouches for its certificate, or NTLM for the host itself
    if not {_key(pin) for pin in planned.host_keys} & {_key(pin) for pin in host.host_keys}:
        raise PlanError(
            f"{host.id} has other pinned host keys than when run {run.id} began, so it may be another machine; say "
            f"what is true: msp-ops runs resolve {run.id} {host.id} ..."
        )


def _key(pin: str) -> tuple[str, ...]:
    return tuple(pin.split()[:2])


class Rounds:
    """The recovery of a service: every lost host is asked again, soon at first, then about once a minute."""

    def __init__(self) -> None:
        self._next: dict[Place, tuple[timedelta, Iterator[timedelta]]] = {}

    def turn(self, parts: Parts, stopping: Stopping) -> list[HostRecovered]:
        """Ask those whose time has come; what is not lost any more is forgotten."""
        lost = {(run.id, host_id): (run, host_id) for run, host_id in lost_hosts(parts)}
        now = parts.clock.elapsed()
        due = [place for place in lost if place not in self._next or self._next[place][0] <= now]
        for place in due:
            coming = self._next[place][1] if place in self._next else pauses(FIRST_PAUSE)
            self._next[place] = (now + next(coming), coming)
        self._next = {place: when for place, when in self._next.items() if place in lost}
        return list(recover(parts, [lost[place] for place in due], stopping))
