"""The planned times of a schedule."""

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from msp_ops.calendar.openings import Opening, moments, openings
from msp_ops.domain.canonical import digest
from msp_ops.domain.client import Client
from msp_ops.domain.errors import FileError
from msp_ops.domain.occurrence import Occurrence
from msp_ops.domain.schedule import Schedule, Window


def window_of(schedule: Schedule, client: Client) -> Window | None:
    """The window a schedule runs in, None when it has a time of its own; FileError when the client lacks it."""
    if schedule.window is None:
        return None
    for window in client.windows:
        if window.id == schedule.window:
            return window
    known = ", ".join(window.id for window in client.windows) or "none"
    raise FileError(f"{client.id}: schedule {schedule.id!r} names window {schedule.window!r}; the client has: {known}")


def occurrences(schedule: Schedule, client: Client, after: datetime, until: datetime) -> list[Occurrence]:
    """Those planned later than `after` and not later than `until`, in order; exactly one a rule day.

    A schedule in a window begins when it opens and must begin before it closes. FileError when the schedule has no
    window of the client's and no rule with a start of its own.
    """
    window = window_of(schedule, client)
    spans = takewhile(lambda span: span.opened_at <= until, _starts(schedule, window, client.timezone, after))
    return [_occurrence(schedule, window, client, span) for span in spans]


def next_occurrence(schedule: Schedule, client: Client, after: datetime) -> Occurrence | None:
    """The first one planned later than `after`; None when the rule has no more days."""
    window = window_of(schedule, client)
    span = next(_starts(schedule, window, client.timezone, after), None)
    return None if span is None else _occurrence(schedule, window, client, span)


def _starts(schedule: Schedule, window: Window | None, zone_name: str, after: datetime) -> Iterator[Opening]:
    """When a run may begin: from its planned time until its latest start."""
    if window is not None:
        for opening in openings(window, zone_name, after):
            latest = min(opening.opened_at + schedule.latest_start, opening.closes_at)
            yield Opening(opened_at=opening.opened_at, closes_at=latest)
    elif schedule.rrule is None or schedule.start is None:
        raise FileError(f"schedule {schedule.id!r} has no time; give it a window, or an rrule and a start")
    else:
        for moment in moments(schedule.rrule, schedule.start, zone_name, after):
            yield Opening(opened_at=moment, closes_at=moment + schedule.latest_start)


def _occurrence(schedule: Schedule, window: Window | None, client: Client, span: Opening) -> Occurrence:
    # the window is part of what was meant: a longer one moves the latest start, so it makes a new occurrence
    meant = digest((schedule, window))
    return Occurrence(
        id=digest((client.id, schedule.id, span.opened_at.isoformat(), meant))[:20],
        client_id=client.id,
        schedule_id=schedule.id,
        planned_at=span.opened_at,
        latest_start_at=span.closes_at,
    )
