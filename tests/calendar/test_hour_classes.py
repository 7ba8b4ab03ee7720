"""In which class of hours a minute of work lies, and that none is lost where the class changes."""

import json
import warnings
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msp_ops.calendar import public_holidays
from msp_ops.calendar.hour_classes import segments
from msp_ops.calendar.public_holidays import holiday_places, is_holiday
from msp_ops.calendar.zones import zone
from msp_ops.domain.hours import WEEKDAYS, Holidays, Hours, OpenHours
from tests.calendar.cast import utc

quick = settings(max_examples=120, derandomize=True, deadline=None, database=None)
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Hours(open=(OpenHours(days=WORKDAYS, start=time(8), end=time(17)),))
GERMAN = replace(OFFICE, holidays=Holidays(country="DE", region="BE"))
ALWAYS = Hours(open=(OpenHours(days=WEEKDAYS, start=time(), end=time()),))
EARLY = Hours(open=(OpenHours(days=WEEKDAYS, start=time(2, 30), end=time(12)),))
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Asia/Kathmandu")


def cut(start, end, place="Europe/Berlin", hours=OFFICE):
    """`(class, minutes)` of each part, of a span written in UTC."""
    return [
        (part.hour_class, part.length // timedelta(minutes=1)) for part in segments(utc(start), utc(end), place, hours)
    ]


def test_the_end_of_business_hours_divides_the_work():
    assert cut("2026-11-03 15:45", "2026-11-03 17:20") == [("business", 15), ("after-hours", 80)]


def test_a_day_without_open_hours_is_weekend_from_midnight_to_midnight():
    assert cut("2026-11-06 22:30", "2026-11-07 00:10") == [("after-hours", 30), ("weekend", 70)]
    assert cut("2026-11-08 22:30", "2026-11-08 23:30") == [("weekend", 30), ("after-hours", 30)]


def test_every_midnight_divides_so_that_each_part_lies_in_one_day():
    parts = segments(utc("2026-11-06 22:30"), utc("2026-11-08 23:30"), "Europe/Berlin", OFFICE)
    assert [part.day for part in parts] == [date(2026, 11, day) for day in (6, 7, 8, 9)]


def test_a_holiday_comes_before_weekend_and_open_hours():
    assert cut("2026-12-25 09:00", "2026-12-25 10:00", hours=GERMAN) == [("holiday", 60)]  # a Friday
    assert cut("2026-12-26 09:00", "2026-12-26 10:00", hours=GERMAN) == [("holiday", 60)]  # a Saturday
    assert cut("2026-12-24 22:30", "2026-12-24 23:30", hours=GERMAN) == [("after-hours", 30), ("holiday", 30)]


def test_a_region_has_its_own_holidays_and_a_client_too():
    womens_day = date(2027, 3, 8)
    assert is_holiday(womens_day, Holidays(country="DE", region="BE"))
    assert not is_holiday(womens_day, Holidays(country="DE", region="BY"))
    assert not is_holiday(womens_day, Holidays(country="DE", region="BE", worked=(womens_day,)))
    assert is_holiday(date(2026, 12, 24), Holidays(also=(date(2026, 12, 24),)))
    assert not is_holiday(womens_day, Holidays())


def test_without_open_hours_every_hour_is_business_but_on_holidays():
    assert cut("2026-11-07 00:00", "2026-11-07 05:00", hours=Hours()) == [("business", 300)]
    assert cut("2026-12-25 09:00", "2026-12-25 10:00", hours=Hours(holidays=Holidays(country="DE"))) == [
        ("holiday", 60)
    ]


def test_who_is_always_open_has_business_hours_only():
    assert cut("2026-11-06 20:00", "2026-11-07 04:00", hours=ALWAYS) == [("business", 180), ("business", 300)]


def test_nothing_is_cut_from_nothing():
    assert cut("2026-11-06 20:00", "2026-11-06 20:00") == []


@pytest.mark.parametrize(
    ("place", "day", "minutes"),
    [
        ("America/New_York", date(2026, 3, 8), 23 * 60),
        ("America/New_York", date(2026, 11, 1), 25 * 60),
        ("Europe/Berlin", date(2026, 3, 29), 23 * 60),
        ("Europe/Berlin", date(2026, 10, 25), 25 * 60),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24 * 60 + 30),
    ],
)
def test_a_day_has_the_hours_that_it_really_has(place, day, minutes):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    parts = segments(noon - timedelta(days=2), noon + timedelta(days=2), place, Hours())
    assert sum((part.length for part in parts if part.day == day), timedelta(0)) == timedelta(minutes=minutes)


def test_an_opening_in_the_hour_that_is_left_out_begins_when_the_clock_has_passed_it():
    """Berlin, 29 March 2026: at 02:00 the clock is put to 03:00, which is 01:00 UTC."""
    assert cut("2026-03-29 00:30", "2026-03-29 01:30", hours=EARLY) == [("after-hours", 30), ("business", 30)]


def test_an_hour_that_is_read_twice_is_of_its_class_twice():
    """Berlin, 25 October 2026: 02:00 to 03:00 comes at 00:00 UTC and again at 01:00 UTC."""
    assert cut("2026-10-25 00:00", "2026-10-25 02:00", hours=EARLY) == [
        *(("after-hours", 30), ("business", 30), ("after-hours", 30), ("business", 30)),
    ]


def by_the_wall(moment, place, hours):
    """The class of one moment, straight from the words of the contract."""
    local = moment.astimezone(zone(place))
    if is_holiday(local.date(), hours.holidays):
        return "holiday"
    today = [each for each in hours.open if WEEKDAYS[local.weekday()] in each.days]
    if not hours.open or not today:
        return "weekend" if hours.open else "business"
    inside = [each for each in today if each.start <= local.time() < (each.end if each.end != time() else time.max)]
    return "business" if inside else "after-hours"


@quick
@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001  # hypothesis wants them naive
    quarters=st.integers(0, 400),
    place=st.sampled_from(ZONES),
    hours=st.sampled_from([OFFICE, GERMAN, ALWAYS, EARLY, Hours()]),
)
def test_the_parts_join_without_a_seam_and_each_minute_is_of_the_class_that_the_wall_says(
    start, quarters, place, hours
):
    begin = start.replace(microsecond=0, tzinfo=UTC)
    end = begin + quarters * timedelta(minutes=15)
    parts = segments(begin, end, place, hours)
    moments = [begin, *(part.ended_at for part in parts)]
    assert moments[-1] == (end if parts else begin)
    assert [part.started_at for part in parts] == moments[:-1]
    for part in parts:
        for at in (part.started_at, part.started_at + part.length / 2, part.ended_at - timedelta(seconds=1)):
            assert by_the_wall(at, place, hours) == part.hour_class
            assert at.astimezone(zone(place)).date() == part.day


def test_the_places_of_the_file_are_those_of_the_pinned_library():
    from holidays import country_holidays  # noqa: PLC0415  # slow, and only here
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    with warnings.catch_warnings():
        known = {code: tuple(sorted(country_holidays(code).subdivisions)) for _, code, *_ in COUNTRIES.values()}
    assert holiday_places() == dict(sorted(known.items()))
    assert f"holidays {version('holidays')}" == public_holidays.RULES


def test_the_version_of_the_holidays_is_pinned_everywhere():
    root = Path(__file__).parents[2]
    pin = public_holidays.RULES.replace(" ", "==")
    assert pin in (root / "constraints.txt").read_text().splitlines()
    assert f'"{pin}"' in (root / "pyproject.toml").read_text()
    assert json.loads(Path(public_holidays.__file__).with_name("holiday_places.json").read_text())
