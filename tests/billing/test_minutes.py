"""Whose minute it is: taken once by one person, and never by what nobody attended."""

from dataclasses import replace
from datetime import timedelta

from msp_ops.billing.entry import Entry, span_of
from msp_ops.billing.minutes import whose_minutes
from tests.billing.cast import MORNING, interval, work

MINUTE = timedelta(minutes=1)


def entry(name, begin, length, person="kim", *, attended=True, **more):
    span = interval(length * MINUTE, MORNING + begin * MINUTE)
    record = replace(work(), id=name, person=person, machine=span, attended=span if attended else None)
    return Entry(record=record, succeeded=True, **more)


def own(*entries):
    """What each record keeps, as minutes after the morning's begin."""
    return {
        name: [((span.started_at - MORNING) // MINUTE, (span.ended_at - MORNING) // MINUTE) for span in counted.own]
        for name, counted in whose_minutes(entries).items()
    }


def test_what_began_first_keeps_its_minutes():
    assert own(entry("b", 20, 30), entry("a", 0, 30)) == {"a": [(0, 30)], "b": [(30, 50)]}


def test_of_two_that_began_together_the_first_by_name_keeps_them():
    assert own(entry("b", 0, 30), entry("a", 0, 20)) == {"a": [(0, 20)], "b": [(20, 30)]}


def test_a_long_record_keeps_what_lies_between_others():
    closed = [frozen(entry("x", 10, 10)), frozen(entry("y", 30, 10))]
    assert own(*closed, entry("a", 0, 60))["a"] == [(0, 10), (20, 30), (40, 60)]


def test_what_a_closed_month_did_not_count_is_held_by_nobody():
    nothing = replace(entry("x", 10, 10), frozen=())
    assert own(nothing, entry("a", 0, 60)) == {"x": [], "a": [(0, 60)]}


def test_work_that_nobody_attended_keeps_its_time_in_a_closed_month():
    assert own(replace(entry("a", 0, 30, attended=False), frozen=())) == {"a": [(0, 30)]}


def frozen(one):
    return replace(one, frozen=(span_of(one.record),))


def test_what_touches_does_not_overlap():
    assert own(entry("a", 0, 30), entry("b", 30, 30)) == {"a": [(0, 30)], "b": [(30, 60)]}


def test_another_person_has_minutes_of_their_own():
    assert own(entry("a", 0, 30), entry("b", 0, 30, "sam")) == {"a": [(0, 30)], "b": [(0, 30)]}


def test_what_a_person_started_and_left_alone_takes_none_of_their_minutes():
    alone = entry("a", 0, 30, attended=False)
    assert own(alone, entry("b", 0, 30), entry("c", 10, 10, attended=False)) == {
        "a": [(0, 30)],
        "b": [(0, 30)],
        "c": [(10, 20)],
    }


def test_seconds_that_were_cut_off_are_no_overlap():
    hair = timedelta(milliseconds=900)
    first = replace(entry("a", 0, 1).record, attended=interval(MINUTE - hair, MORNING + hair))
    assert own(Entry(record=first, succeeded=True), entry("b", 1, 1))["b"] == [(1, 2)]
