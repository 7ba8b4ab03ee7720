import re
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from msp_ops.calendar.freezes import frozen_by
from msp_ops.calendar.occurrences import next_occurrence, occurrences
from msp_ops.domain.errors import FileError
from msp_ops.domain.occurrence import OccurrenceState
from msp_ops.domain.schedule import Schedule
from tests.calendar.cast import AUDIT, CHRISTMAS, PATCHING, SATURDAY_NIGHT, acme, utc

AFTER, UNTIL = utc("2026-11-20 00:00"), utc("2027-01-31 00:00")


def test_a_schedule_in_a_window_begins_when_it_opens():
    found = occurrences(PATCHING, acme(), AFTER, UNTIL)
    assert [one.planned_at for one in found] == [utc("2026-12-12 21:00"), utc("2027-01-09 21:00")]
    assert {one.state for one in found} == {OccurrenceState.PLANNED}


def test_a_schedule_with_its_own_time_needs_no_window():
    found = occurrences(AUDIT, acme(), utc("2026-12-01 05:00"), utc("2026-12-03 05:00"))
    assert [one.planned_at for one in found] == [utc("2026-12-02 05:00"), utc("2026-12-03 05:00")]


def test_the_latest_start_is_never_after_the_window_has_closed():
    (patient,) = occurrences(replace(PATCHING, latest_start=timedelta(hours=9)), acme(), AFTER, utc("2026-12-31 00:00"))
    (hasty,) = occurrences(PATCHING, acme(), AFTER, utc("2026-12-31 00:00"))
    assert patient.latest_start_at == utc("2026-12-13 01:00")
    assert hasty.latest_start_at == utc("2026-12-12 22:00")


def test_an_occurrence_has_the_same_id_whenever_it_is_planned():
    early, late = (occurrences(PATCHING, acme(), after, UNTIL)[-1] for after in (AFTER, utc("2027-01-05 00:00")))
    assert early == late


def test_ids_are_short_lower_case_and_one_each():
    ids = [one.id for one in occurrences(AUDIT, acme(), AFTER, UNTIL)]
    assert len(set(ids)) == len(ids) == 72
    assert all(re.fullmatch("[0-9a-f]{20}", name) for name in ids)


@pytest.mark.parametrize(
    ("schedule", "client"),
    [
        (replace(PATCHING, parameters={"reboot": "never"}), acme()),
        (replace(PATCHING, latest_start=timedelta(minutes=30)), acme()),
        (replace(PATCHING, id="patching-2"), acme()),
        (PATCHING, replace(acme(), id="borealis")),
        (PATCHING, replace(acme(), windows=(replace(SATURDAY_NIGHT, duration=timedelta(hours=2)),))),
    ],
)
def test_what_was_changed_in_the_file_becomes_a_new_occurrence(schedule, client):
    before = {one.id for one in occurrences(PATCHING, acme(), AFTER, UNTIL)}
    after = {one.id for one in occurrences(schedule, client, AFTER, UNTIL)}
    assert not before & after


def test_what_others_changed_in_the_file_leaves_an_occurrence_as_it_is():
    busier = replace(acme(), name="Acme Ltd", schedules=(PATCHING,), freezes=())
    assert occurrences(PATCHING, busier, AFTER, UNTIL) == occurrences(PATCHING, acme(), AFTER, UNTIL)


def test_the_next_occurrence_is_the_first_of_those_to_come():
    assert next_occurrence(PATCHING, acme(), AFTER) == occurrences(PATCHING, acme(), AFTER, UNTIL)[0]


def test_a_schedule_without_any_time_is_told_what_it_lacks():
    with pytest.raises(FileError, match="give it a window, or an rrule and a start"):
        occurrences(Schedule(id="lost", runbook="patch-linux", start=time(3)), acme(), AFTER, UNTIL)


def test_a_schedule_in_a_window_that_the_client_lacks_is_told_which_there_are():
    with pytest.raises(FileError, match="'sunday'; the client has: sat-night"):
        occurrences(replace(PATCHING, window="sunday"), acme(), AFTER, UNTIL)


@pytest.mark.parametrize(
    ("at", "frozen"),
    [
        ("2026-12-19 22:59", False),
        ("2026-12-19 23:00", True),  # midnight in Berlin
        ("2027-01-02 22:59", True),
        ("2027-01-02 23:00", False),
    ],
)
def test_a_freeze_holds_from_its_first_midnight_to_its_last_in_the_clients_zone(at, frozen):
    assert (frozen_by((CHRISTMAS,), "Europe/Berlin", utc(at)) is CHRISTMAS) is frozen


def test_a_freeze_of_one_day_lasts_that_day():
    one_day = replace(CHRISTMAS, first_day=date(2026, 11, 27), last_day=date(2026, 11, 27))
    assert frozen_by((one_day,), "America/New_York", utc("2026-11-28 04:59")) is one_day
    assert frozen_by((one_day,), "America/New_York", utc("2026-11-28 05:00")) is None
