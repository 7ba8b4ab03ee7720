"""An occurrence of the calendar becomes a run, once, whoever calls."""

from contextlib import suppress

from msp_ops.calendar.freezes import frozen_by
from msp_ops.calendar.permits import too_late
from msp_ops.domain.actor import Actor
from msp_ops.domain.binding import bind
from msp_ops.domain.client import Client
from msp_ops.domain.errors import MspOpsError, NotPermitted, PlanError, StoreError
from msp_ops.domain.occurrence import Occurrence, OccurrenceState
from msp_ops.domain.run import Run
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.selection import select_hosts
from msp_ops.domain.trigger import Scheduled
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.given import read_files
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import Asked, new_run_id, run_runbook
from msp_ops.prefect_api.desired import SUMMARIES


def run_occurrence(parts: Parts, occurrence_id: str, held: str | None = None, stopping: Stopping | None = None) -> Run:
    """Claim it (compare-and-set) and carry it out; `held` ends the claim as skipped with that reason.

    Told to stop, it begins nothing new.

    Raises NotPermitted with the reason when it must not run; then it has its end in the store, in words.
    """
    run_id = new_run_id(parts.clock)
    if parts.store.occurrences.read(occurrence_id).schedule_id == SUMMARIES:
        raise NotPermitted(f"the occurrence {occurrence_id} is a time for summaries, not for a run")
    occurrence = parts.store.occurrences.claim(occurrence_id, run_id)
    try:
        asked = _asked(parts, occurrence, held)
        run = to_the_end(run_runbook(parts, asked, stopping or Stopping(), run_id))
    except MspOpsError as problem:
        _end(parts, occurrence, run_id, str(problem))
        raise
    parts.store.occurrences.finish(occurrence.id, OccurrenceState.RAN, run.outcome.word if run.outcome else "", run_id)
    return run


def _end(parts: Parts, occurrence: Occurrence, run_id: str, why: str) -> None:
    """A run that was opened is what came of it, however it ended; a store that refuses leaves it to the next turn."""
    with suppress(StoreError):
        try:
            parts.store.runs.read(run_id)
        except PlanError:
            parts.store.occurrences.finish(occurrence.id, _why_not(parts, occurrence), why)
        else:
            parts.store.occurrences.finish(occurrence.id, OccurrenceState.RAN, why, run_id)


def _why_not(parts: Parts, occurrence: Occurrence) -> OccurrenceState:
    now = parts.clock.now()
    client = parts.workspace.clients.get(occurrence.client_id)
    if now > occurrence.latest_start_at:
        return OccurrenceState.EXPIRED
    frozen = client is not None and frozen_by(client.freezes, client.timezone, now) is not None
    return OccurrenceState.FROZEN if frozen else OccurrenceState.SKIPPED


def _asked(parts: Parts, occurrence: Occurrence, held: str | None) -> Asked:
    client = parts.workspace.client(occurrence.client_id)
    schedule = schedule_of(client, occurrence)
    reason = held or too_late(occurrence, client, parts.clock.now())
    if reason:
        raise NotPermitted(reason)
    runbook = parts.workspace.scheduled(schedule.runbook)
    parameters = bind(runbook, schedule.parameters, client)
    return Asked(
        client=client,
        runbook=runbook,
        hosts=select_hosts(client, schedule.hosts),
        parameters=parameters,
        files=read_files(parts.workspace, runbook, parameters),
        trigger=Scheduled(occurrence=occurrence.id),
        actor=Actor(kind="schedule", name=f"{client.id}/{schedule.id}", authenticated_by="the calendar"),
        schedule=schedule,
    )


def schedule_of(client: Client, occurrence: Occurrence) -> Schedule:
    """NotPermitted when the schedule has left the client's file meanwhile."""
    for schedule in client.schedules:
        if schedule.id == occurrence.schedule_id:
            return schedule
    raise NotPermitted(f"{client.id} has no schedule {occurrence.schedule_id} any more")
