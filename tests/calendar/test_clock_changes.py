from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msp_ops.calendar.openings import is_open, window_openings
from msp_ops.calendar.zones import zone
from msp_ops.domain.schedule import Window
from tests.calendar.cast import utc
from tests.calendar.transitions import transitions

quick = settings(max_examples=150, derandomize=True, deadline=None, database=None)
a_change = st.sampled_from(transitions())
a_start = st.builds(time, st.integers(0, 23), st.integers(0, 59))
a_length = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(hours=23))


def daily(start: time, duration: timedelta = timedelta(hours=4)) -> Window:
    return Window(id="w", rrule="FREQ=DAILY", start=start, duration=duration)


def promised(day: date, start: time, zone_name: str, change: datetime) -> datetime:
    """RFC 5545 by hand: of the moments that read so on the wall the first; in the gap by the offset before it."""
    place, wall = zone(zone_name), datetime.combine(day, start)
    before, after = ((change + beside).astimezone(place).utcoffset() for beside in (-timedelta(hours=1), timedelta(0)))
    candidates = [(wall - offset).replace(tzinfo=UTC) for offset in (before, after) if offset is not None]
    fitting = [moment for moment in candidates if moment.astimezone(place).replace(tzinfo=None) == wall]
    return min(fitting, default=candidates[0])


def around(change: datetime, zone_name: str) -> list[date]:
    day = change.astimezone(zone(zone_name)).date()
    return [day + timedelta(days=offset) for offset in (-1, 0, 1)]


def assert_one_a_day(zone_name: str, change: datetime, start: time) -> None:
    days = around(change, zone_name)
    wanted = [promised(day, start, zone_name, change) for day in days]
    found = window_openings(daily(start), zone_name, wanted[0] - timedelta(seconds=1), wanted[-1])
    assert [opening.opened_at for opening in found] == wanted


def test_in_every_zone_a_night_around_every_change_of_the_clocks_opens_once_and_at_the_right_hour():
    assert len(transitions()) > 150
    for zone_name, change in transitions():
        for start in [time(hour, minute) for hour in range(24) for minute in (0, 30)]:
            assert_one_a_day(zone_name, change, start)


@quick
@given(change=a_change, start=a_start)
def test_any_minute_of_the_day_comes_once_a_day(change, start):
    assert_one_a_day(*change, start)


@quick
@given(change=a_change, start=a_start, length=a_length)
def test_openings_come_in_order_and_last_as_long_as_written(change, start, length):
    zone_name, at = change
    window = daily(start, length)
    found = window_openings(window, zone_name, at - timedelta(days=4), at + timedelta(days=4))
    assert all(one.opened_at < other.opened_at for one, other in pairwise(found))
    for opening in found:
        assert opening.opened_at.tzinfo is opening.closes_at.tzinfo is UTC  # so that the next line is elapsed time
        assert opening.closes_at - opening.opened_at == length
        assert is_open(window, zone_name, opening.opened_at) == opening
        last_moment = opening.closes_at - timedelta(microseconds=1)
        running = is_open(window, zone_name, last_moment)
        assert running is not None
        assert running.opened_at >= opening.opened_at


@quick
@given(change=a_change, start=a_start, cut=st.integers(0, 8 * 24 * 60))
def test_two_spans_side_by_side_hold_what_the_whole_span_holds(change, start, cut):
    zone_name, at = change
    begin, end = at - timedelta(days=4), at + timedelta(days=4)
    seam = begin + timedelta(minutes=cut)
    parts = window_openings(daily(start), zone_name, begin, seam) + window_openings(daily(start), zone_name, seam, end)
    assert parts == window_openings(daily(start), zone_name, begin, end)


def test_two_in_the_morning_does_not_come_an_hour_early_when_paris_loses_that_hour():
    found = window_openings(daily(time(2)), "Europe/Paris", utc("2027-03-27 12:00"), utc("2027-03-28 12:00"))
    assert [opening.opened_at for opening in found] == [utc("2027-03-28 01:00")]  # 03:00 on the wall, never 01:00


def test_half_past_one_comes_once_in_the_night_new_york_has_it_twice():
    found = window_openings(daily(time(1, 30)), "America/New_York", utc("2026-11-01 00:00"), utc("2026-11-02 00:00"))
    assert [opening.opened_at for opening in found] == [utc("2026-11-01 05:30")]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_four_hour_window_is_open_for_240_minutes_in_the_nights_berlin_changes_its_clocks(day):
    midnight = utc(f"{day} 00:00") - timedelta(hours=3)
    minutes = (midnight + timedelta(minutes=number) for number in range(12 * 60))
    window = Window(id="w", rrule="FREQ=WEEKLY;BYDAY=SU", start=time(1), duration=timedelta(hours=4))
    assert sum(is_open(window, "Europe/Berlin", minute) is not None for minute in minutes) == 240
