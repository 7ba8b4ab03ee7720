"""Section: what is planned next, as leaves of a calendar."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msp_ops.domain.binding import bind
from msp_ops.domain.client import Client
from msp_ops.domain.errors import PlanError
from msp_ops.domain.occurrence import Occurrence
from msp_ops.domain.runbook import Impact, Runbook
from msp_ops.domain.schedule import Schedule
from msp_ops.reports.content import NextDate
from msp_ops.reports.money import care_of
from msp_ops.reports.words import WEEKDAYS, Tile, capital, clip, count, day

EXPECT: dict[Impact, str] = {
    "read-only": "We only look; nothing is interrupted.",
    "changes": "A service may pause for a moment.",
    "reboots": "Machines may restart once.",
}


def next_dates(client: Client, upcoming: Sequence[Occurrence], runbooks: Mapping[str, Runbook]) -> tuple[NextDate, ...]:
    """The next time of each schedule, soonest first; the later ones as a number."""
    by_schedule: dict[str, list[Occurrence]] = {}
    for occurrence in sorted(upcoming, key=lambda occurrence: (occurrence.planned_at, occurrence.id)):
        if occurrence.state.is_open:
            by_schedule.setdefault(occurrence.schedule_id, []).append(occurrence)
    schedules = {schedule.id: schedule for schedule in client.schedules}
    return tuple(
        _next(client, schedules.get(schedule_id), planned, runbooks) for schedule_id, planned in by_schedule.items()
    )


def _next(
    client: Client, schedule: Schedule | None, planned: Sequence[Occurrence], runbooks: Mapping[str, Runbook]
) -> NextDate:
    zone = ZoneInfo(client.timezone)
    first, last = planned[0].planned_at.astimezone(zone), planned[-1].planned_at.astimezone(zone)
    runbook = runbooks.get(schedule.runbook) if schedule else None
    named = care_of(runbook, schedule.runbook if schedule else planned[0].schedule_id)
    where = "" if schedule is None or schedule.hosts == "all" else f": {schedule.hosts}"
    expect = EXPECT[_impact(client, runbook, schedule)] if runbook else ""
    later = f"{capital(count(len(planned) - 1, 'more time'))} until {day(last)}." if len(planned) > 1 else ""
    return NextDate(
        tile=Tile.of(first),
        title=capital(clip(named + where)),
        when=_when(client, schedule, planned[0].planned_at),
        words=" ".join(part for part in (expect, later) if part),
    )


def _when(client: Client, schedule: Schedule | None, planned_at: datetime) -> str:
    zone = ZoneInfo(client.timezone)
    start = planned_at.astimezone(zone)
    opening = f"{WEEKDAYS[start.weekday()]}, {start:%H:%M}"
    window = next((window for window in client.windows if schedule and window.id == schedule.window), None)
    if window is None:
        return f"{opening} {start.tzname()}"
    end = (planned_at + window.duration).astimezone(zone)
    return f"{opening} to {end:%H:%M} {end.tzname()}"


def _impact(client: Client, runbook: Runbook, schedule: Schedule | None) -> Impact:
    """With the schedule's own parameters; when they do not fit any more, the most that the runbook may do."""
    try:
        return runbook.impact_with(bind(runbook, schedule.parameters if schedule else {}, client))
    except PlanError:
        return runbook.impact
