"""Whether a run may begin, or go on to its next host, at this moment: freezes and windows.

Looking is always allowed. A change waits for the end of a freeze, whoever asks. A scheduled change begins only while
its window is open. A person who mends something outside the windows may, and reads a remark. An event has no person
to answer for it: it changes something only while a window is open, if the client has any.
"""

from datetime import datetime

from msp_ops.calendar.freezes import frozen_by
from msp_ops.calendar.occurrences import window_of
from msp_ops.calendar.openings import Opening, is_open, next_opening
from msp_ops.calendar.words import moment_words
from msp_ops.domain.client import Client
from msp_ops.domain.occurrence import Occurrence
from msp_ops.domain.plan import Permit, Refusal
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Schedule, Window
from msp_ops.domain.trigger import Event, OnDemand, Scheduled, Trigger


def permit(client: Client, runbook: Runbook, trigger: Trigger, schedule: Schedule | None, at: datetime) -> Permit:
    """The calendar's part of a permit; judged at the start and again before each host.

    `schedule` is the one of a `Scheduled` trigger, None for the others or when it has left the client's file.
    """
    if not runbook.changes:
        return Permit()
    frozen = _frozen(client, at)
    refused, remarked = _outside(client, trigger, schedule, at)
    return Permit(
        refusals=tuple(Refusal(host_id=None, reason=reason) for reason in (frozen, refused) if reason),
        remarks=(remarked,) if remarked else (),
    )


def too_late(occurrence: Occurrence, client: Client, at: datetime) -> str | None:
    """Why an occurrence must not be claimed any more, or None; its latest start itself is still in time."""
    if at <= occurrence.latest_start_at:
        return None
    planned, latest, now = (
        moment_words(moment, client.timezone) for moment in (occurrence.planned_at, occurrence.latest_start_at, at)
    )
    return f"{occurrence.schedule_id} was planned for {planned} and had to begin by {latest}; it is {now}"


def _frozen(client: Client, at: datetime) -> str | None:
    freeze = frozen_by(client.freezes, client.timezone, at)
    if freeze is None:
        return None
    return (
        f"{client.name} is frozen from {freeze.first_day} to {freeze.last_day} ({freeze.reason}): nothing is changed "
        f"until that is over; a change before needs the client's word and a shorter freeze in the client's file"
    )


def _outside(client: Client, trigger: Trigger, schedule: Schedule | None, at: datetime) -> tuple[str, str]:
    """The refusal and the remark, each empty when there is none."""
    match trigger:
        case Scheduled():
            if schedule is None:
                return f"the schedule of this change is no longer in the file of {client.name}", ""
            window = window_of(schedule, client)
            return _closed(client, () if window is None else (window,), at), ""
        case OnDemand():
            return "", _closed(client, client.windows, at)
        case Event():
            return _closed(client, client.windows, at), ""


def _closed(client: Client, windows: tuple[Window, ...], at: datetime) -> str:
    """Which window opens next and when; empty when one is open, or when there is none to wait for."""
    if not windows or any(is_open(window, client.timezone, at) for window in windows):
        return ""
    coming = [(opening, window.id) for window in windows if (opening := next_opening(window, client.timezone, at))]
    if not coming:
        return f"outside the maintenance windows of {client.name}; none opens again"
    opening, name = min(coming, key=_opens_first)
    opens = moment_words(opening.opened_at, client.timezone)
    return f"outside the maintenance windows of {client.name}; {name!r} opens {opens}"


def _opens_first(coming: tuple[Opening, str]) -> datetime:
    return coming[0].opened_at
