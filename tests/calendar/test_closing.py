from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msp_ops.calendar.closing import FAR, closes_at
from msp_ops.calendar.permits import permit
from msp_ops.calendar.zones import zone
from msp_ops.domain.schedule import Freeze, Schedule, Window
from msp_ops.domain.trigger import Event, OnDemand, Scheduled
from tests.calendar.cast import AUDIT, PATCHING, acme, runbook, utc
from tests.calendar.transitions import transitions

BY_CALENDAR = Scheduled(occurrence="o1")
BY_PERSON = OnDemand(ticket="T-7", reason="nginx is down")
BY_EVENT = Event(source="monitoring", key="web1/nginx")
INSIDE, OUTSIDE, FROZEN = utc("2026-12-12 22:00"), utc("2026-12-12 12:00"), utc("2026-12-24 12:00")
CLOSE, FREEZE = utc("2026-12-13 01:00"), utc("2026-12-19 23:00")
MOMENT = timedelta(microseconds=1)


def test_a_scheduled_change_ends_with_its_window():
    assert closes_at(acme(), runbook(), BY_CALENDAR, PATCHING, INSIDE) == CLOSE


def test_a_change_ends_at_the_midnight_that_begins_a_freeze_though_its_window_is_open():
    third = replace(acme(), windows=(replace(acme().windows[0], rrule="FREQ=MONTHLY;BYDAY=3SA"),))
    assert closes_at(third, runbook(), BY_CALENDAR, PATCHING, utc("2026-12-19 22:30")) == FREEZE


def test_a_person_and_a_schedule_with_its_own_time_wait_for_no_window_but_for_the_freeze():
    assert closes_at(acme(), runbook(), BY_PERSON, None, INSIDE) == FREEZE
    assert closes_at(acme(), runbook(), BY_CALENDAR, AUDIT, INSIDE) == FREEZE


def test_an_event_may_change_while_any_window_is_open():
    early = Window(id="early", rrule="FREQ=DAILY", start=time(1), duration=timedelta(hours=3))
    client = replace(acme(), windows=(*acme().windows, early))
    assert closes_at(client, runbook(), BY_EVENT, None, INSIDE) == utc("2026-12-13 03:00")
    assert closes_at(replace(acme(), windows=(), freezes=()), runbook(), BY_EVENT, None, INSIDE) is None


def test_looking_never_ends():
    assert closes_at(acme(), runbook("read-only"), BY_CALENDAR, PATCHING, INSIDE) is None


@pytest.mark.parametrize(("schedule", "at"), [(PATCHING, OUTSIDE), (PATCHING, FROZEN), (AUDIT, FROZEN), (None, INSIDE)])
def test_what_is_refused_now_has_ended(schedule, at):
    assert closes_at(acme(), runbook(), BY_CALENDAR, schedule, at) == at


def test_a_window_without_a_gap_does_not_end():
    always = Window(id="sat-night", rrule="FREQ=DAILY", start=time(0), duration=timedelta(hours=25))
    client = replace(acme(), windows=(always,), freezes=())
    assert closes_at(client, runbook(), BY_CALENDAR, PATCHING, OUTSIDE) is None


def test_openings_that_touch_are_one():
    halves = Window(id="sat-night", rrule="FREQ=DAILY", start=time(0), duration=timedelta(hours=24))
    client = replace(acme("UTC"), windows=(halves,))
    assert closes_at(client, runbook(), BY_CALENDAR, PATCHING, OUTSIDE) == utc("2026-12-20 00:00")


def test_the_window_is_four_hours_long_also_in_the_night_that_has_an_hour_more():
    client = replace(acme(), windows=(replace(acme().windows[0], rrule="FREQ=MONTHLY;BYDAY=4SA"),), freezes=())
    opened = utc("2026-10-24 20:00")
    assert closes_at(client, runbook(), BY_CALENDAR, PATCHING, opened) == opened + timedelta(hours=4)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(
    change=st.sampled_from(transitions()),
    start=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    length=st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(hours=30)),
    offset=st.timedeltas(min_value=timedelta(hours=-30), max_value=timedelta(hours=30)),
    freeze=st.integers(-2, 3),
    trigger=st.sampled_from([BY_CALENDAR, BY_PERSON, BY_EVENT]),
)
def test_around_every_change_of_the_clocks_it_is_the_moment_at_which_the_permit_ends(
    change, start, length, offset, freeze, trigger
):
    zone_name, at = change[0], change[1] + offset
    client = client_of(zone_name, start, length, at.astimezone(zone(zone_name)).date() + timedelta(days=freeze))

    def granted(moment: datetime) -> bool:
        return permit(client, runbook(), trigger, PATCHING, moment).granted

    end = closes_at(client, runbook(), trigger, PATCHING, at)
    assert granted(at) == (end is None or end > at)
    if granted(at) and end is not None:
        assert granted(end - MOMENT)
        assert not granted(end)
        assert all(granted(at + (end - at) * part / 40) for part in range(40))


def client_of(zone_name: str, start: time, length: timedelta, frozen: date):
    window = Window(id="sat-night", rrule="FREQ=DAILY", start=start, duration=length)
    freeze = Freeze(first_day=frozen, last_day=frozen, reason="stocktaking")
    return replace(acme(zone_name), windows=(window,), freezes=(freeze,))


def test_a_month_ahead_is_far_enough():
    far = Freeze(first_day=date(2027, 6, 1), last_day=date(2027, 6, 2), reason="audit")
    own = Schedule(id="own", runbook="patch-linux", rrule="FREQ=DAILY", start=time(6))
    client = replace(acme(), freezes=(far,))
    assert closes_at(client, runbook(), BY_CALENDAR, own, INSIDE) is None
    begin = utc("2027-05-31 22:00")
    assert closes_at(client, runbook(), BY_CALENDAR, own, begin - FAR) is None
    assert closes_at(client, runbook(), BY_CALENDAR, own, begin - FAR + MOMENT) == begin
