"""When the permit of a change ends: at the close of its window, or at the midnight that begins a freeze."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from msp_ops.calendar.freezes import frozen_by
from msp_ops.calendar.occurrences import window_of
from msp_ops.calendar.openings import is_open, window_openings
from msp_ops.calendar.zones import in_utc, zone
from msp_ops.domain.client import Client
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Freeze, Schedule, Window
from msp_ops.domain.trigger import Event, OnDemand, Scheduled, Trigger

FAR = timedelta(days=31)
"""No run lasts longer: what ends later than that is not looked for."""


def closes_at(
    client: Client, runbook: Runbook, trigger: Trigger, schedule: Schedule | None, at: datetime
) -> datetime | None:
    """The first moment after `at` (in UTC) at which `permit` refuses; `at` itself when it refuses now.

    None: it does not end within a month. The arguments are those of `permit`.
    """
    if not runbook.changes:
        return None
    windows = _binding(client, trigger, schedule)
    if windows is None or frozen_by(client.freezes, client.timezone, at):
        return at
    ends = [freeze for each in client.freezes if (freeze := _begin(each, client.timezone)) > at]
    if windows:
        ends.append(_close(windows, client.timezone, at))
    first = min(ends, default=at + FAR)
    return first if first < at + FAR else None


def _binding(client: Client, trigger: Trigger, schedule: Schedule | None) -> tuple[Window, ...] | None:
    """The windows of which one must be open; none: it does not matter; None: the permit is refused anyway."""
    match trigger:
        case Scheduled():
            window = window_of(schedule, client) if schedule else None
            return None if schedule is None else (window,) if window else ()
        case OnDemand():
            return ()
        case Event():
            return client.windows


def _begin(freeze: Freeze, zone_name: str) -> datetime:
    return in_utc(datetime.combine(freeze.first_day, time(), tzinfo=zone(zone_name)))


def _close(windows: Iterable[Window], zone_name: str, at: datetime) -> datetime:
    """When the last of the openings closes that follow each other without a gap; `at` when none is open."""
    openings = [opening for each in windows for opening in window_openings(each, zone_name, at, at + FAR)]
    openings += [running for each in windows if (running := is_open(each, zone_name, at))]
    close = at
    for opening in sorted(openings, key=lambda opening: opening.opened_at):
        if opening.opened_at > close:
            break
        close = max(close, opening.closes_at)
    return close
