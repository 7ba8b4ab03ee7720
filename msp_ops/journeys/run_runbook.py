"""The one path of every run, whoever or whatever asked for it."""

import secrets
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

from msp_ops.calendar.permits import permit
from msp_ops.domain.actor import Actor
from msp_ops.domain.client import Client, Host
from msp_ops.domain.clock import Clock, Stopwatch
from msp_ops.domain.errors import NotPermitted, NotSaved
from msp_ops.domain.plan import Permit, Plan, Preview
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.trigger import Trigger
from msp_ops.engine.events import Event, HostEvent, NotRecorded, RunEnded, RunOpened
from msp_ops.engine.fan_out import fan_out
from msp_ops.engine.host import run_on_host
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.plan import AT_ONCE, plan
from msp_ops.engine.preview import preview_host
from msp_ops.engine.save import save_result
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.targets import redactor_for, target_of
from msp_ops.journeys.time_spent import price_of, work_of


@record
class Asked:
    """What somebody wants done; parameters are bound, hosts are chosen. `attended`: a person sits in front of it."""

    client: Client
    runbook: Runbook
    hosts: tuple[Host, ...]
    parameters: dict[str, str]
    trigger: Trigger
    actor: Actor
    schedule: Schedule | None = None
    attended: Stopwatch | None = None
    at_once: int = AT_ONCE

    def plan(self) -> Plan:
        return plan(self.client, self.runbook, self.hosts, self.parameters, self.at_once)


def new_run_id(clock: Clock) -> str:
    """`20261122-7k3xq`: sorts by day, and its tail is short enough to say on the phone."""
    letters = "abcdefghjkmnpqrstvwxyz23456789"
    return f"{clock.now():%Y%m%d}-" + "".join(secrets.choice(letters) for _ in range(5))


def permit_now(parts: Parts, asked: Asked) -> Permit:
    """The calendar's word at this moment."""
    return permit(asked.client, asked.runbook, asked.trigger, asked.schedule, parts.clock.now())


def run_runbook(parts: Parts, asked: Asked, stop: Signal, run_id: str | None = None) -> Generator[Event, None, None]:
    """Carry it out. Every result is in the store before its event is seen.

    Raises NotPermitted, FileError and StoreError before any host is touched, NotSaved at the end. Close it when you
    stop listening: hosts at work then still come to their end.
    """
    _refuse(permit_now(parts, asked))
    run_id = run_id or new_run_id(parts.clock)
    tools = _tools(parts, asked)
    journal = parts.store.journal
    journal.open_run(run_id, asked.plan(), asked.trigger, asked.actor)
    yield RunOpened(run_id=run_id, host_ids=asked.plan().host_ids())
    machine = Stopwatch.start(parts.clock)
    jobs = [_job(parts, asked, host, run_id) for host in asked.hosts]
    events = fan_out(
        jobs,
        lambda job: run_on_host(job, tools),
        lambda result, job: save_result(result, job, tools),
        asked.at_once,
        parts.clock,
        stop,
    )
    yield from _all_of(events, run_id, stop)
    attended = asked.attended.read() if asked.attended and asked.actor.is_person else None
    run = parts.store.runs.read(run_id)
    work = work_of(run, machine.read(), attended)
    journal.close_run(run_id, work, price_of(run, work, asked.client))
    yield RunEnded(run=parts.store.runs.read(run_id))


def _all_of(events: Iterator[HostEvent], run_id: str, stop: Signal) -> Iterator[HostEvent]:
    """Every host comes to its end, also when nobody listens any more. NotSaved names those that the store refused."""
    unsaved: dict[str, str] = {}

    def note(event: HostEvent) -> HostEvent:
        if isinstance(event, NotRecorded):
            unsaved[f"{event.result.host_id} ({event.result.outcome.word})"] = event.why
        return event

    try:
        yield from map(note, events)
    finally:
        stop.set()
        for event in events:
            note(event)
    if unsaved:
        why = next(iter(unsaved.values()))
        raise NotSaved(f"run {run_id}: how it ended could not be saved for {', '.join(unsaved)}: {why}")


def preview(parts: Parts, asked: Asked) -> Iterator[Preview]:
    """What would change on each host: read-only, nothing is journalled."""
    tools = _tools(parts, asked)
    with ThreadPoolExecutor(max_workers=asked.at_once) as pool:
        yield from pool.map(lambda host: preview_host(_job(parts, asked, host, "preview"), tools), asked.hosts)


def _refuse(judged: Permit) -> None:
    if not judged.granted:
        raise NotPermitted("; ".join(refusal.reason for refusal in judged.refusals if refusal.host_id is None))


def _tools(parts: Parts, asked: Asked) -> Tools:
    targets = [target_of(asked.client, host) for host in asked.hosts]
    return Tools(
        transport=parts.wire,
        journal=parts.store.journal,
        clock=parts.clock,
        redact=redactor_for(targets, parts.resolve),
        checks=parts.checks,
    )


def _job(parts: Parts, asked: Asked, host: Host, run_id: str) -> HostJob:
    def refused() -> str | None:
        if trouble := parts.store.journal.trouble():
            return trouble
        judged = permit_now(parts, asked)
        reasons = [refusal.reason for refusal in judged.refusals if refusal.host_id in {None, host.id}]
        return "; ".join(reasons) or None

    return HostJob(
        run_id=run_id,
        client=asked.client,
        runbook=asked.runbook,
        parameters=asked.parameters,
        target=target_of(asked.client, host),
        refused=refused,
    )
