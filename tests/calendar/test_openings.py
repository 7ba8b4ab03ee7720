from datetime import time, timedelta

import pytest

from msp_ops.calendar.openings import is_open, next_opening, window_openings
from msp_ops.calendar.zones import zone
from msp_ops.domain.errors import FileError
from msp_ops.domain.schedule import Window
from tests.calendar.cast import SATURDAY_NIGHT, utc

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-12-12 20:59:59", None),
        ("2026-12-12 21:00", "open"),
        ("2026-12-12 23:30", "open"),  # 00:30 on Sunday: still Saturday's window
        ("2026-12-13 00:59:59", "open"),
        ("2026-12-13 01:00", None),
    ],
)
def test_a_window_over_midnight_is_open_from_its_first_moment_to_just_before_its_last(at, state):
    opening = is_open(SATURDAY_NIGHT, BERLIN, utc(at))
    assert (opening is not None) == (state == "open")


def test_an_open_window_says_since_when_and_until_when():
    opening = is_open(SATURDAY_NIGHT, BERLIN, utc("2026-12-12 22:00"))
    assert opening is not None
    assert (opening.opened_at, opening.closes_at) == (utc("2026-12-12 21:00"), utc("2026-12-13 01:00"))


def test_a_window_longer_than_its_rhythm_never_closes_and_the_latest_opening_counts():
    window = Window(id="always", rrule="FREQ=DAILY", start=time(0), duration=timedelta(hours=30))
    opening = is_open(window, "UTC", utc("2026-12-12 03:00"))
    assert opening is not None
    assert opening.opened_at == utc("2026-12-12 00:00")


def test_the_next_opening_is_later_than_the_one_that_begins_now():
    opening = next_opening(SATURDAY_NIGHT, BERLIN, utc("2026-12-12 21:00"))
    assert opening is not None
    assert opening.opened_at == utc("2027-01-09 21:00")


def test_a_leap_day_window_is_found_years_ahead():
    leap = Window(id="leap", rrule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", start=time(3), duration=timedelta(hours=1))
    opening = next_opening(leap, "UTC", utc("2096-03-01 00:00"))
    assert opening is not None
    assert opening.opened_at == utc("2104-02-29 03:00")


def test_a_window_whose_day_never_comes_has_no_next_opening():
    never = Window(id="never", rrule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", start=time(3), duration=timedelta(hours=1))
    assert next_opening(never, "UTC", utc("2026-01-01 00:00")) is None
    assert window_openings(never, "UTC", utc("2026-01-01 00:00"), utc("2030-01-01 00:00")) == []


@pytest.mark.parametrize("name", ["Berlin", "europe/berlin", "../../etc/passwd", ""])
def test_a_zone_that_nobody_knows_is_refused_with_a_right_one(name):
    with pytest.raises(FileError, match="Europe/Berlin"):
        zone(name)
