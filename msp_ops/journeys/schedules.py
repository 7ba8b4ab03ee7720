"""The calendar at work: what is planned is in the store, what was missed is ended, Prefect is told both."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

from msp_ops.calendar.occurrences import next_occurrence, occurrences
from msp_ops.domain.client import Client
from msp_ops.domain.errors import PlanError
from msp_ops.domain.occurrence import Occurrence, OccurrenceState, Pause
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.trigger import Scheduled
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.journeys.parts import Parts
from msp_ops.prefect_api.api import PrefectApi
from msp_ops.prefect_api.desired import SUMMARIES, Changes, desired_deployments, diff
from msp_ops.prefect_api.handover import Handover, plan_handover
from msp_ops.prefect_api.sync import apply_changes, apply_handover

AHEAD = timedelta(days=14)
HANDED_OVER = timedelta(days=2)
MONTHLY_SUMMARY = Schedule(
    id=SUMMARIES,
    runbook=SUMMARIES,
    rrule="FREQ=MONTHLY;BYMONTHDAY=1",
    start=time(6),
    latest_start=timedelta(days=10),
)


def plan_ahead(parts: Parts) -> None:
    """The next fourteen days of every client, as occurrences in the store; paused schedules plan nothing."""
    now = parts.clock.now()
    paused = {(pause.client_id, pause.schedule_id) for pause in _pauses(parts, now)}
    for client in parts.workspace.clients.values():
        planned = [
            each
            for schedule in (*client.schedules, MONTHLY_SUMMARY)
            if (client.id, schedule.id) not in paused
            for each in occurrences(schedule, client, now, now + AHEAD)
        ]
        parts.store.occurrences.plan(client.id, now + AHEAD, planned)


def end_missed(parts: Parts) -> list[Occurrence]:
    """Give an end to what nobody claimed in time, and to what a dead process left: never silently."""
    missed = list(parts.store.occurrences.due_unclaimed(parts.clock.now()))
    for each in missed:
        reason = "no worker took it before its latest start"
        parts.store.occurrences.finish(each.id, OccurrenceState.EXPIRED, reason)
    for each in parts.store.occurrences.left_behind():
        run_id = _run_of(parts, each)
        state = OccurrenceState.RAN if run_id else OccurrenceState.EXPIRED
        parts.store.occurrences.finish(each.id, state, "the process that claimed it died", run_id)
    return missed


def _run_of(parts: Parts, occurrence: Occurrence) -> str | None:
    since = occurrence.planned_at - timedelta(days=1)
    for run in parts.store.runs.list(occurrence.client_id, since=since):
        if run.trigger == Scheduled(occurrence=occurrence.id):
            return run.id
    return None


def deployment_changes(parts: Parts, api: PrefectApi, flows_root: Path) -> Changes:
    """What `schedules sync` would do to Prefect's deployments."""
    activities = {runbook.id: runbook.activity for runbook in parts.workspace.library.values()}
    desired = desired_deployments(parts.workspace.clients.values(), activities, flows_root)
    unread = {name.removeprefix("client ") for name in parts.workspace.mistakes if name.startswith("client ")}
    return diff(desired, api.deployments(), unread)


def handover(parts: Parts, api: PrefectApi) -> Handover:
    """What Prefect must be told about the next two days."""
    now = parts.clock.now()
    near = parts.store.occurrences.list(since=now - HANDED_OVER, until=now + HANDED_OVER)
    return plan_handover(near, api.runs("SCHEDULED", "PENDING", "RUNNING"), api.deployments())


def sync(parts: Parts, api: PrefectApi, flows_root: Path) -> list[Occurrence]:
    """Deployments, occurrences and Prefect's runs as they should be; doing it twice changes nothing.

    What was missed since the last time is given its end, and returned.
    """
    missed = end_missed(parts)
    apply_changes(deployment_changes(parts, api, flows_root), api)
    plan_ahead(parts)
    apply_handover(handover(parts, api), api)
    return missed


def upcoming(parts: Parts, client: Client) -> Iterator[tuple[Schedule, Occurrence | None, str]]:
    """Each schedule with its next time, and why it is not coming when it is paused."""
    now = parts.clock.now()
    paused = {pause.schedule_id: pause for pause in _pauses(parts, now) if pause.client_id == client.id}
    for schedule in client.schedules:
        pause = paused.get(schedule.id)
        said = f"paused by {pause.by}: {pause.reason}" if pause else ""
        yield schedule, next_occurrence(schedule, client, pause.until if pause and pause.until else now), said


def schedule_named(client: Client, schedule_id: str) -> Schedule:
    """PlanError names what the client has."""
    known = {schedule.id: schedule for schedule in client.schedules}
    if schedule_id not in known:
        hint = did_you_mean(schedule_id, known)
        raise PlanError(f"{client.id} has no schedule {schedule_id!r}; schedules: {listed(known)}{hint}")
    return known[schedule_id]


def _pauses(parts: Parts, now: datetime) -> list[Pause]:
    return [pause for pause in parts.store.pauses.list() if pause.until is None or pause.until > now]
