"""In which class of hours work lies: a span of time is cut where its class changes, and at every midnight."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from msp_ops.calendar.public_holidays import is_holiday
from msp_ops.calendar.zones import in_utc, zone
from msp_ops.domain.hours import WEEKDAYS, HourClass, Hours, OpenHours
from msp_ops.domain.record import record

MIDNIGHT = time()
_SECOND = timedelta(seconds=1)


@record
class Segment:
    """A part of a span that lies in one class of hours and one day of the client's calendar; from UTC to UTC."""

    hour_class: HourClass
    day: date
    started_at: datetime
    ended_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ended_at - self.started_at


def segments(started_at: datetime, ended_at: datetime, zone_name: str, hours: Hours) -> list[Segment]:
    """The span in order and without a gap; nothing of an empty one.

    What the clock on the wall says decides. So a day has its 23 or 25 hours, an hour that is read twice is of its class
    twice, and one that is left out is not there.
    """
    place = zone(zone_name)
    day = started_at.astimezone(place).date()
    found: list[Segment] = []
    while in_utc(datetime.combine(day, MIDNIGHT, place)) < ended_at:
        holiday = is_holiday(day, hours.holidays)
        found += _within(_of_day(day, zone_name, hours.open, holiday=holiday), started_at, ended_at)
        day += timedelta(days=1)
    return found


def _within(whole: tuple[Segment, ...], started_at: datetime, ended_at: datetime) -> Iterator[Segment]:
    for each in whole:
        first, last = max(each.started_at, started_at), min(each.ended_at, ended_at)
        if first < last:
            yield replace(each, started_at=first, ended_at=last)


@lru_cache(maxsize=4096)
def _of_day(day: date, zone_name: str, open_hours: tuple[OpenHours, ...], *, holiday: bool) -> tuple[Segment, ...]:
    place = zone(zone_name)
    today = tuple(each for each in open_hours if WEEKDAYS[day.weekday()] in each.days)
    closed: HourClass | None = "holiday" if holiday else None if today else "weekend" if open_hours else "business"
    joined: list[Segment] = []
    for begin, end in pairwise(sorted(set(_borders(day, place, today)))):
        hour_class = closed or _by_the_clock(begin.astimezone(place).time(), today)
        goes_on = joined and joined[-1].hour_class == hour_class
        first = joined.pop().started_at if goes_on else begin
        joined.append(Segment(hour_class=hour_class, day=day, started_at=first, ended_at=end))
    return tuple(joined)


def _by_the_clock(wall: time, today: tuple[OpenHours, ...]) -> HourClass:
    inside = any(each.start <= wall and (wall < each.end or each.end == MIDNIGHT) for each in today)
    return "business" if inside else "after-hours"


def _borders(day: date, place: ZoneInfo, today: tuple[OpenHours, ...]) -> Iterator[datetime]:
    """Every moment of the day at which the class may change, and its two midnights."""
    begin = in_utc(datetime.combine(day, MIDNIGHT, place))
    end = in_utc(datetime.combine(day + timedelta(days=1), MIDNIGHT, place))
    yield from (begin, end)
    for wall in (wall for each in today for wall in (each.start, each.end)):
        local = datetime.combine(day, wall, place)
        yield from (at for fold in (0, 1) if begin < (at := local.replace(fold=fold).astimezone(UTC)) < end)
    yield from _turn(begin, end, place)


def _turn(begin: datetime, end: datetime, place: ZoneInfo) -> Iterator[datetime]:
    """When the clock is put forward or back between the two, to the second."""
    before = begin.astimezone(place).utcoffset()
    if before == end.astimezone(place).utcoffset():
        return
    while end - begin > _SECOND:
        middle = begin + (end - begin) // _SECOND // 2 * _SECOND
        begin, end = (middle, end) if middle.astimezone(place).utcoffset() == before else (begin, middle)
    yield end
