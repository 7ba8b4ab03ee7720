"""When a window is open."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import takewhile

from msp_ops.calendar.rules import rule_days
from msp_ops.calendar.zones import in_utc, zone
from msp_ops.domain.record import record
from msp_ops.domain.schedule import Window


@record
class Opening:
    """One time that a window is open, in UTC; at `closes_at` it is closed."""

    opened_at: datetime
    closes_at: datetime


def moments(rule: str, start: time, zone_name: str, after: datetime) -> Iterator[datetime]:
    """Each rule day's local `start` in UTC, later than `after`, in order, without end."""
    place = zone(zone_name)
    # a zone may jump by up to a whole day, so begin to look two days before
    for day in rule_days(rule, after.astimezone(place).date() - timedelta(days=2)):
        moment = in_utc(datetime.combine(day, start, tzinfo=place))
        if moment > after:
            yield moment


def openings(window: Window, zone_name: str, after: datetime) -> Iterator[Opening]:
    """The window's openings that begin later than `after`, in order, without end.

    The duration is elapsed time: four hours are four hours, also in the night the clocks change.
    """
    for opened_at in moments(window.rrule, window.start, zone_name, after):
        yield Opening(opened_at=opened_at, closes_at=opened_at + window.duration)


def window_openings(window: Window, zone_name: str, after: datetime, until: datetime) -> list[Opening]:
    """Those that begin later than `after` and not later than `until`, so that spans join without a seam."""
    return list(takewhile(lambda opening: opening.opened_at <= until, openings(window, zone_name, after)))


def next_opening(window: Window, zone_name: str, after: datetime) -> Opening | None:
    """The first that begins later than `after`; None when the rule has no more days."""
    return next(openings(window, zone_name, after), None)


def is_open(window: Window, zone_name: str, at: datetime) -> Opening | None:
    """The opening that `at` lies in, None when the window is closed; of overlapping ones the latest."""
    running = window_openings(window, zone_name, at - window.duration, at)
    return running[-1] if running else None
