"""Rehearse a runbook: the real engine and the real readers, with a stand-in for the host. No host is touched."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from msp_ops.checks.base import Check
from msp_ops.domain.binding import bind
from msp_ops.domain.given import Given, GivenFiles
from msp_ops.domain.parameters import GivenFile, Secret
from msp_ops.domain.record import record
from msp_ops.domain.rehearsal import Rehearsal
from msp_ops.domain.run import HostResult
from msp_ops.domain.runbook import Runbook
from msp_ops.engine.events import HostEnded, NotRecorded, Waiting
from msp_ops.engine.host import run_on_host
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.rehearsal_stage import CREDENTIAL, HOST, MemoryJournal, StageClock, client_for
from msp_ops.journeys.stand_in import StandInHost, scripts_of
from msp_ops.transports.base import Target
from msp_ops.transports.fake import FakeTransport


@record
class Rehearsed:
    """How a rehearsal went; `differences` says in sentences where it was not as it should be."""

    runbook_id: str
    rehearsal: Rehearsal
    result: HostResult
    differences: tuple[str, ...]

    @property
    def is_green(self) -> bool:
        return not self.differences


def rehearse(runbook: Runbook, rehearsal: Rehearsal, checks: Mapping[str, Check]) -> Rehearsed:
    """One rehearsal that fits its runbook. PlanError when its parameters do not."""
    client = client_for(runbook, rehearsal.parameters)
    parameters = bind(runbook, {**_stand_ins(runbook), **rehearsal.parameters}, client)
    clock = StageClock(rehearsal.at)
    job = HostJob(
        run_id="rehearsal",
        client=client,
        runbook=runbook,
        parameters=parameters,
        target=Target(
            who=f"{client.id}/{HOST.id}", host=replace(HOST, roles=rehearsal.host.roles), credential=CREDENTIAL
        ),
        refused=lambda: None,
        given=_given(runbook),
    )
    host = StandInHost(runbook, rehearsal, scripts_of(job, checks))
    tools = Tools(
        transport=FakeTransport({HOST.id: host}),
        journal=MemoryJournal(clock, host.word_on),
        clock=clock,
        redact=lambda output: output,
        checks=checks,
        stopping=Stopping(),
        play=host.play,
        look_from_here=host.look_from_here,
    )
    result = _carried_out(job, tools, clock)
    differences = (*_judged(runbook, rehearsal, result), *host.differences())
    return Rehearsed(runbook_id=runbook.id, rehearsal=rehearsal, result=result, differences=differences)


def _stand_ins(runbook: Runbook) -> dict[str, str]:
    """Neither a secret nor a file is needed for a rehearsal, and none is looked at."""
    secrets = {name: "env:STAND_IN" for name, each in runbook.parameters.items() if isinstance(each, Secret)}
    files = {name: "stand-in" for name, each in runbook.parameters.items() if isinstance(each, GivenFile)}
    return {**secrets, **files}


def _given(runbook: Runbook) -> Given:
    """Harmless in place of what a run would be given."""
    secrets = {name: f"stand-in for {name}" for name, each in runbook.parameters.items() if isinstance(each, Secret)}
    files = {name: b"stand-in\n" for name, each in runbook.parameters.items() if isinstance(each, GivenFile)}
    return Given(secrets=secrets, files=GivenFiles(contents=files))


def _carried_out(job: HostJob, tools: Tools, clock: StageClock) -> HostResult:
    for event in run_on_host(job, tools):
        match event:
            case Waiting(pause=pause):
                clock.pass_time(pause)
            case HostEnded(result=result) | NotRecorded(result=result):
                return result
            case _:
                pass
    raise AssertionError("a host's course ends with its result")


def _judged(runbook: Runbook, rehearsal: Rehearsal, result: HostResult) -> Iterator[str]:
    expect = rehearsal.expect
    changed = [each for step in result.steps for each in step.changed]
    findings = [f"{each.severity} {each.subject}: {each.message}" for each in result.findings()]
    if result.outcome.word != expect.outcome:
        why = f": {result.reason}" if result.reason else ""
        yield f"outcome: expected {expect.outcome}, it {_ended(result)}{why}"
    if expect.reason not in result.reason:
        yield f"reason: expected '{expect.reason}', it is '{result.reason}'"
    yield from _compared("changed", expect.changed, changed)
    yield from _compared("findings", expect.findings, findings)
    yield from _as_proved(runbook, rehearsal, changed, findings)


def _ended(result: HostResult) -> str:
    return f"ended {result.outcome.word}"


def _compared(what: str, wanted: Sequence[str] | None, got: Sequence[str]) -> Iterator[str]:
    if wanted is None:
        return
    for at, part in enumerate(wanted):
        if at >= len(got):
            yield f"{what}: expected '{part}', nothing more was reported"
        elif part not in got[at]:
            yield f"{what}: expected '{part}', reported was '{got[at]}'"
    yield from (f"{what}: not expected: '{each}'" for each in got[len(wanted) :])


def _as_proved(
    runbook: Runbook, rehearsal: Rehearsal, changed: Sequence[str], findings: Sequence[str]
) -> Iterator[str]:
    """What each kind of rehearsal stands for, whatever it expects in particular."""
    if rehearsal.proves == "success" and runbook.changes and not changed:
        yield "proves success, but nothing was changed: the script says `msp: changed SUBJECT …`"
    if rehearsal.proves == "already-fine":
        yield from (f"a second run must change nothing, it changed: {each}" for each in changed)
        if not runbook.changes:
            yield from (f"all is well already, yet it found: {each}" for each in findings)
