from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from msp_ops.domain.errors import PlanError
from msp_ops.domain.hours import Hours, OpenHours
from msp_ops.journeys.time_asked import TimeWords, understand_time
from msp_ops.journeys.time_by_hand import SpanWords, add_by_hand
from tests.engine.parts import ACME
from tests.journeys.cast import parts_with

WORDS = TimeWords(client="acme", ticket="T-7", activity="break/fix", hosts="", note="on the phone", on_site=False)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def parts(store, clock):
    return parts_with(store, clock, {})  # in Berlin it is 13:00 on Sunday, 22 November 2026


def add(parts, begin="", end="", length="", day="", **changes):
    asked = understand_time(parts, replace(WORDS, **changes), "kim")
    return add_by_hand(parts, asked, SpanWords(begin=begin, end=end, length=length, day=day))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(work):
    return work.attended.started_at, work.attended.ended_at


def test_an_entry_is_marked_as_written_by_hand_and_says_when_it_was_written(parts, clock, store):
    work = add(parts, begin="09:00", end="10:30", on_site=True)
    assert span(work) == (utc("2026-11-22 08:00"), utc("2026-11-22 09:30"))
    assert (work.source, work.noted_at, work.place, work.flags) == ("hand", clock.at, "on-site", ())
    assert work.attended.duration == 90 * MINUTE
    assert [each for each, _ in store.work.list("acme")] == [work]


@pytest.mark.parametrize(
    ("words", "begin", "end"),
    [
        ({"begin": "09:00", "end": "10:30", "day": "2026-11-03"}, "2026-11-03 08:00", "2026-11-03 09:30"),
        ({"begin": "2026-07-03 09:00", "end": "2026-07-03T10:30"}, "2026-07-03 07:00", "2026-07-03 08:30"),
        ({"begin": "2026-11-03 09:00", "length": "45m"}, "2026-11-03 08:00", "2026-11-03 08:45"),
        ({"end": "12:00", "length": "1h30m"}, "2026-11-22 09:30", "2026-11-22 11:00"),
        ({"length": "45m"}, "2026-11-22 11:15", "2026-11-22 12:00"),
        ({"begin": "23:30", "end": "00:45", "day": "2026-11-03"}, "2026-11-03 22:30", "2026-11-03 23:45"),
        ({"begin": "2026-11-03 23:30", "end": "2026-11-04 00:45"}, "2026-11-03 22:30", "2026-11-03 23:45"),
        ({"begin": "2026-11-03 09:00Z", "length": "5m"}, "2026-11-03 09:00", "2026-11-03 09:05"),
        ({"length": "45m", "day": "2026-11-03"}, "2026-11-03 11:00", "2026-11-03 11:45"),
    ],
)
def test_times_are_the_clients_own(parts, words, begin, end):
    assert span(add(parts, **words)) == (utc(begin), utc(end))


def test_a_length_without_an_hour_begins_when_the_client_opens_and_is_flagged(parts):
    opening = Hours(open=(OpenHours(days=("tue",), start=time(8, 30), end=time(17)),))
    there = replace(parts, workspace=replace(parts.workspace, clients={"acme": replace(ACME, hours=opening)}))
    work = add(there, length="45m", day="2026-11-03")
    assert (work.attended.started_at, work.flags) == (utc("2026-11-03 07:30"), ("hour-assumed",))
    assert add(there, begin="2026-11-03 09:00", length="45m").flags == ()


def test_an_hour_that_clocks_jump_over_is_refused(parts):
    with pytest.raises(PlanError, match=r"--from: 02:30 does not exist on 2026-03-29 in Europe/Berlin.*03:30\?"):
        add(parts, begin="2026-03-29 02:30", end="2026-03-29 04:00")


def test_an_hour_that_comes_twice_is_asked_for(parts):
    with pytest.raises(PlanError, match=r"--to: 02:30 comes twice on 2026-10-25.*02:30\+02:00 or 02:30\+01:00"):
        add(parts, begin="01:30", end="02:30", day="2026-10-25")
    first = add(parts, begin="01:30", end="02:30+02:00", day="2026-10-25")
    second = add(parts, begin="01:30", end="02:30+01:00", day="2026-10-25")
    assert (first.attended.duration, second.attended.duration) == (60 * MINUTE, 120 * MINUTE)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 3), ("2026-10-25", 5)])
def test_what_elapsed_is_what_elapsed_when_clocks_change(parts, day, hours):
    work = add(parts, begin="00:00", end="04:00", day=day)
    assert work.attended.duration == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({}, "say when: --from 09:00 --to 10:30"),
        ({"begin": "09:00"}, "say when"),
        ({"begin": "09:00", "end": "10:00", "length": "5m"}, "say when"),
        ({"begin": "9", "end": "10:00"}, "--from 9: that is no time"),
        ({"begin": "25:00", "end": "10:00"}, "no such day or time"),
        ({"begin": "2026-02-30 09:00", "length": "5m"}, "no such day or time"),
        ({"begin": "09:00", "end": "08:00", "day": "2026-11-03"}, "if it was the next day, say so"),
        ({"begin": "2026-11-03 09:00", "end": "2026-11-03 08:00"}, "before it begins"),
        ({"begin": "12:30", "end": "13:01"}, "still to come"),
        ({"length": "soon"}, "--for 'soon' is not a length"),
        ({"length": "0m"}, "no time at all"),
        ({"length": "5m", "day": "3.11."}, "--on 3.11.: that is no day"),
        ({"length": "5m", "note": ""}, "say what was done"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_written(parts, store, words, says):
    with pytest.raises(PlanError, match=says):
        add(parts, **words)
    assert store.work.list("acme") == []


def test_a_long_entry_is_flagged(parts):
    assert add(parts, begin="2026-11-03 06:00", end="2026-11-03 18:01").flags == ("long",)
