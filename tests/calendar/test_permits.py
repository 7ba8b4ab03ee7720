from dataclasses import replace
from datetime import time

import pytest

from msp_ops.calendar.occurrences import occurrences
from msp_ops.calendar.permits import permit, too_late
from msp_ops.domain.errors import FileError
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.trigger import Event, OnDemand, Scheduled
from tests.calendar.cast import AUDIT, PATCHING, acme, runbook, utc

BY_CALENDAR = Scheduled(occurrence="o1")
BY_PERSON = OnDemand(ticket="T-7", reason="nginx is down")
BY_EVENT = Event(source="monitoring", key="web1/nginx")
INSIDE, OUTSIDE, FROZEN = utc("2026-12-12 22:00"), utc("2026-12-12 12:00"), utc("2026-12-24 12:00")


@pytest.mark.parametrize("at", [INSIDE, OUTSIDE, FROZEN])
@pytest.mark.parametrize("trigger", [BY_CALENDAR, BY_PERSON, BY_EVENT])
def test_looking_is_always_allowed(trigger, at):
    judged = permit(acme(), runbook("read-only"), trigger, None, at)
    assert judged.granted
    assert not judged.remarks


@pytest.mark.parametrize("impact", ["changes", "reboots"])
@pytest.mark.parametrize("trigger", [BY_CALENDAR, BY_PERSON, BY_EVENT])
def test_a_freeze_refuses_every_change_whoever_asks(trigger, impact):
    judged = permit(acme(), runbook(impact), trigger, AUDIT, FROZEN)
    assert not judged.granted
    assert "frozen from 2026-12-20 to 2027-01-02 (Christmas trade)" in judged.refusals[0].reason


def test_a_scheduled_change_begins_while_its_window_is_open():
    judged = permit(acme(), runbook(), BY_CALENDAR, PATCHING, INSIDE)
    assert (judged.granted, judged.remarks) == (True, ())


def test_a_scheduled_change_outside_its_window_is_refused_and_told_when_it_opens():
    judged = permit(acme(), runbook(), BY_CALENDAR, PATCHING, OUTSIDE)
    assert not judged.granted
    (refusal,) = judged.refusals
    assert refusal.reason == "outside the maintenance windows of Acme; 'sat-night' opens Sat 12 Dec 2026 22:00 Berlin"


def test_the_next_host_does_not_begin_at_the_moment_the_window_closes():
    assert permit(acme(), runbook(), BY_CALENDAR, PATCHING, utc("2026-12-13 00:59:59")).granted
    assert not permit(acme(), runbook(), BY_CALENDAR, PATCHING, utc("2026-12-13 01:00")).granted


def test_a_freeze_that_begins_at_midnight_stops_the_hosts_after_midnight():
    patched_on_the_19th = replace(acme(), windows=(replace(acme().windows[0], rrule="FREQ=MONTHLY;BYDAY=3SA"),))
    assert permit(patched_on_the_19th, runbook(), BY_CALENDAR, PATCHING, utc("2026-12-19 22:30")).granted
    assert not permit(patched_on_the_19th, runbook(), BY_CALENDAR, PATCHING, utc("2026-12-19 23:30")).granted


def test_another_window_does_not_open_the_schedules_own():
    noon = replace(acme().windows[0], id="noon", rrule="FREQ=DAILY", start=time(12))
    client = replace(acme(), windows=(*acme().windows, noon))
    assert not permit(client, runbook(), BY_CALENDAR, PATCHING, OUTSIDE).granted


def test_a_scheduled_change_with_its_own_time_waits_for_no_window():
    assert permit(acme(), runbook(), BY_CALENDAR, AUDIT, OUTSIDE).granted


def test_a_change_whose_schedule_has_left_the_file_is_refused():
    assert not permit(acme(), runbook(), BY_CALENDAR, None, INSIDE).granted


def test_a_schedule_that_names_a_lost_window_is_never_taken_for_one_without():
    lost = Schedule(id="patching", runbook="patch-linux", window="gone")
    with pytest.raises(FileError, match="'gone'"):
        permit(acme(), runbook(), BY_CALENDAR, lost, INSIDE)


def test_a_technician_may_mend_outside_the_windows_and_reads_a_remark():
    judged = permit(acme(), runbook(), BY_PERSON, None, OUTSIDE)
    assert judged.granted
    assert judged.remarks == (
        "outside the maintenance windows of Acme; 'sat-night' opens Sat 12 Dec 2026 22:00 Berlin",
    )


def test_a_technician_inside_a_window_or_at_a_client_without_any_reads_no_remark():
    assert permit(acme(), runbook(), BY_PERSON, None, INSIDE).remarks == ()
    assert permit(replace(acme(), windows=()), runbook(), BY_PERSON, None, OUTSIDE).remarks == ()


def test_an_event_changes_nothing_outside_the_windows():
    assert permit(acme(), runbook(), BY_EVENT, None, INSIDE).granted
    assert not permit(acme(), runbook(), BY_EVENT, None, OUTSIDE).granted


def test_an_occurrence_may_be_claimed_until_its_latest_start_and_not_a_second_longer():
    (planned,) = occurrences(PATCHING, acme(), utc("2026-12-01 00:00"), utc("2026-12-31 00:00"))
    assert too_late(planned, acme(), utc("2026-12-12 22:00")) is None
    assert too_late(planned, acme(), utc("2026-12-12 22:00:01")) == (
        "patching was planned for Sat 12 Dec 2026 22:00 Berlin and had to begin by Sat 12 Dec 2026 23:00 Berlin; "
        "it is Sat 12 Dec 2026 23:00 Berlin"
    )
