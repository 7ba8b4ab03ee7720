"""The one path of every run, whoever or whatever asked for it."""

import secrets
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from msp_ops.calendar.closing import closes_at
from msp_ops.calendar.forecast import ENOUGH, too_long
from msp_ops.calendar.permits import permit
from msp_ops.domain.actor import Actor
from msp_ops.domain.client import Client, Host
from msp_ops.domain.clock import Clock, Stopwatch
from msp_ops.domain.errors import NotPermitted, NotSaved
from msp_ops.domain.given import NO_FILES, Given, GivenFiles
from msp_ops.domain.plan import Permit, Plan, Preview
from msp_ops.domain.record import record
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.trigger import Trigger
from msp_ops.domain.work import Place
from msp_ops.engine.events import (
    Event,
    HostEvent,
    HostRecovered,
    NotRecorded,
    RunEnded,
    RunLeft,
    RunOpened,
)
from msp_ops.engine.fan_out import fan_out
from msp_ops.engine.host import run_on_host
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.plan import AT_ONCE, plan
from msp_ops.engine.preview import preview_host
from msp_ops.engine.rollout import Turns
from msp_ops.engine.save import save_result
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.given import resolve_secrets
from msp_ops.journeys.groups import group_at_risk, minds_groups, peers_of
from msp_ops.journeys.listed import Listed
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.recover import lost_hosts, recover
from msp_ops.journeys.stops import heeding_stops
from msp_ops.journeys.targets import target_of
from msp_ops.journeys.time_spent import price_of, work_of
from msp_ops.journeys.tools import tools_for

Past = Mapping[str, Sequence[timedelta]]  # how long each host took before
ASK_AGAIN = 5.0  # seconds
READABLE = 20  # hosts whose words a person can follow at the same time


@record
class Asked:
    """What somebody wants done; parameters are bound, hosts are chosen.

    `attended`: a person sits in front of it. `wait`: for hosts that another run holds. `rollout`: in place
    of the schedule's or the client's. `undoes`: the run whose changes this takes back. `files`: what those hold that
    parameters name. `place`: where the person is.
    """

    client: Client
    runbook: Runbook
    hosts: tuple[Host, ...]
    parameters: dict[str, str]
    trigger: Trigger
    actor: Actor
    schedule: Schedule | None = None
    attended: Stopwatch | None = None
    at_once: int = AT_ONCE
    wait: timedelta = timedelta(0)
    rollout: Rollout | None = None
    undoes: str | None = None
    files: GivenFiles = NO_FILES
    place: Place = "remote"

    def plan(self) -> Plan:
        planned = plan(self.client, self.runbook, self.hosts, self.parameters, self.at_once, self.schedule)
        rollout = self.rollout or planned.rollout
        return replace(planned, rollout=rollout, undoes=self.undoes, files=self.files.planned())


def new_run_id(clock: Clock) -> str:
    """`20261122-7k3xq`: sorts by day, and its tail is short enough to say on the phone."""
    letters = "abcdefghjkmnpqrstvwxyz23456789"
    return f"{clock.now():%Y%m%d}-" + "".join(secrets.choice(letters) for _ in range(5))


def permit_now(parts: Parts, asked: Asked) -> Permit:
    """The calendar's word at this moment."""
    return permit(asked.client, asked.runbook, asked.trigger, asked.schedule, parts.clock.now())


def run_runbook(
    parts: Parts, asked: Asked, stopping: Stopping, run_id: str | None = None
) -> Generator[Event, None, None]:
    """Carry it out. Every result is in the store before its event is seen.

    What earlier runs left unknown on these hosts is asked of them first. Raises NotPermitted, FileError and
    StoreError before any host is touched, NotSaved at the end. Close it when you stop listening: hosts at work then
    still come to their end. Told to leave, it ends with RunLeft within a second.
    """
    _refuse(permit_now(parts, asked))
    run_id = run_id or new_run_id(parts.clock)
    plan = asked.plan()
    given = resolve_secrets(plan, asked.files, parts.resolve)
    tools = _tools(parts, asked, stopping, given)
    yield from _recovered_first(parts, asked, stopping)
    parts.store.journal.open_run(run_id, plan, asked.trigger, asked.actor)
    yield RunOpened(run_id=run_id, host_ids=plan.host_ids())
    machine = Stopwatch.start(parts.clock)
    past, listed = _past(parts, asked), Listed(parts.workspace.root, asked.client)
    events = fan_out(
        [replace(_job(parts, asked, host, run_id, past, listed), given=given) for host in asked.hosts],
        lambda job: run_on_host(job, tools),
        lambda result, job: save_result(result, job, tools),
        Turns(plan.hosts, plan.rollout, plan.at_once),
        tools,
    )
    try:
        with heeding_stops(parts.store, run_id, stopping):
            yield from _all_of(events, run_id, stopping)
    finally:
        if stopping.leaves:
            parts.store.journal.leave()
    if stopping.leaves:
        yield RunLeft(run=parts.store.runs.read(run_id, "ends"))
        return
    attended = asked.attended.read() if asked.attended and asked.actor.is_person else None
    run = parts.store.runs.read(run_id, "ends")
    work = work_of(run, machine.read(), attended, place=asked.place)
    ended_at = parts.store.journal.close_run(run_id, work, price_of(run, work, asked.client, parts.workspace.msp))
    yield RunEnded(run=replace(run, ended_at=ended_at))


def _recovered_first(parts: Parts, asked: Asked, stopping: Stopping) -> Iterator[HostRecovered]:
    """A change waits for the end of the one before: perhaps the host can tell it now, or within the time to wait."""
    if not asked.runbook.changes:
        return
    wanted = {host.id for host in asked.hosts}
    until = parts.clock.elapsed() + asked.wait
    at_work = True
    while at_work:
        lost = [each for each in lost_hosts(parts) if each[0].plan.client_id == asked.client.id and each[1] in wanted]
        at_work = False
        for each in recover(parts, lost, stopping):
            at_work = at_work or each.outcome is None
            yield each
        if at_work and (parts.clock.elapsed() >= until or stopping.wait(ASK_AGAIN)):
            return


def _all_of(events: Iterator[HostEvent], run_id: str, stopping: Stopping) -> Iterator[HostEvent]:
    """Every host comes to its end, or is left, also when nobody listens any more.

    NotSaved names those that the store refused.
    """
    unsaved: dict[str, str] = {}

    def note(event: HostEvent) -> HostEvent:
        if isinstance(event, NotRecorded):
            unsaved[f"{event.result.host_id} ({event.result.outcome.word})"] = event.why
        return event

    try:
        yield from map(note, events)
    except GeneratorExit:
        stopping.finish("nobody listens to the run any more")
        for event in events:
            note(event)
        raise
    if unsaved:
        why = next(iter(unsaved.values()))
        raise NotSaved(f"run {run_id}: how it ended could not be saved for {', '.join(unsaved)}: {why}")


def preview(parts: Parts, asked: Asked) -> Iterator[Preview]:
    """What would change on each host: read-only, nothing is journalled."""
    given = resolve_secrets(asked.plan(), asked.files, parts.resolve)
    tools, listed = _tools(parts, asked, Stopping(), given), Listed(parts.workspace.root, asked.client)
    jobs = [replace(_job(parts, asked, host, "preview", {}, listed), given=given) for host in asked.hosts]
    with ThreadPoolExecutor(max_workers=asked.at_once) as pool:
        yield from pool.map(lambda job: preview_host(job, tools), jobs)


def _refuse(judged: Permit) -> None:
    if not judged.granted:
        raise NotPermitted("; ".join(refusal.reason for refusal in judged.refusals if refusal.host_id is None))


def _tools(parts: Parts, asked: Asked, stopping: Stopping, given: Given) -> Tools:
    """Somebody can read along with a few hosts; with many there is nothing to read, and threads to save."""
    reached = asked.hosts if asked.runbook.needs_login else ()  # nobody logs in: no secret is needed
    targets = [target_of(asked.client, host) for host in reached]
    watched = asked.attended is not None and len(asked.hosts) <= READABLE
    patience = replace(parts.patience, busy=asked.wait)
    if watched:
        patience = replace(patience, tries=min(patience.tries, 2))  # somebody waits for the word
    return tools_for(parts, targets, stopping, patience, watched=watched, given=given)


def _job(parts: Parts, asked: Asked, host: Host, run_id: str, past: Past, listed: Listed) -> HostJob:
    groups = minds_groups(asked.trigger, len(asked.hosts), resumes=asked.rollout is not None)

    def refused() -> str | None:
        """The store in trouble, a host that left, the calendar, its service group, and whether it would end in time."""
        if why := parts.store.journal.trouble() or listed.has_left(host.id):
            return why
        now, forecast = parts.clock.now(), (_durations(past, host), asked.runbook.expected)
        judged = permit_now(parts, asked)
        reasons = [refusal.reason for refusal in judged.refusals if refusal.host_id in {None, host.id}]
        ends_at = closes_at(asked.client, asked.runbook, asked.trigger, asked.schedule, now)
        if reasons or not asked.runbook.changes:
            return "; ".join(reasons) or None
        if groups:
            return group_at_risk(parts, asked.client, host, run_id) or too_long(*forecast, now, ends_at)
        return too_long(*forecast, now, ends_at)

    return HostJob(
        run_id=run_id,
        client=asked.client,
        runbook=asked.runbook,
        parameters=asked.parameters,
        target=target_of(asked.client, host),
        refused=refused,
        undoes=asked.undoes,
        peers=peers_of(asked.client, host) if groups else (),
    )


def _past(parts: Parts, asked: Asked) -> Past:
    return parts.store.durations.past(asked.client.id, asked.runbook.id) if asked.runbook.changes else {}


def _durations(past: Past, host: Host) -> Sequence[timedelta]:
    """Its own, where they say enough; else those of all hosts of the client."""
    own = past.get(host.id, ())
    return own if len(own) >= ENOUGH else [span for spans in past.values() for span in spans]
