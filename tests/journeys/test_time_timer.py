from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.journeys.time_asked import TimeWords, understand_time
from msp_ops.journeys.time_listed import time_listed
from msp_ops.journeys.time_timer import cancel_timer, start_timer, stop_timer
from tests.journeys.cast import parts_with

WORDS = TimeWords(client="acme", ticket="T-7", activity="break/fix", hosts="", note="", on_site=False)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def parts(store, clock):
    return parts_with(store, clock, {})


def start(parts, person="kim", **changes):
    return start_timer(parts, understand_time(parts, replace(WORDS, **changes), person))


def test_a_timer_measures_by_the_clock_that_never_steps(parts, clock, store):
    start(parts, hosts="a", note="mail", on_site=True)
    clock.pass_time(47 * MINUTE)
    work = stop_timer(parts, "kim", "certificate renewed")
    assert (work.source, work.run_id, work.person, work.ticket) == ("timer", None, "kim", "T-7")
    assert (work.host_ids, work.place, work.note) == (("a",), "on-site", "mail; certificate renewed")
    assert work.attended is not None
    assert (work.attended.duration, work.machine, work.flags) == (47 * MINUTE, None, ())
    assert [each for each, _ in store.work.list("acme")] == [work]
    assert store.work.verify_chain("acme").length == 1


def test_a_stepped_wall_clock_changes_no_length_and_is_flagged(parts, clock):
    start(parts)
    clock.pass_time(30 * MINUTE)
    clock.at -= timedelta(minutes=55)
    work = stop_timer(parts, "kim")
    assert work.attended is not None
    assert (work.attended.duration, work.flags) == (30 * MINUTE, ("clock-stepped",))


@pytest.mark.parametrize("wall", [timedelta(hours=1), timedelta(hours=-1)])
def test_after_a_restart_the_length_is_the_wall_clocks_word_and_never_negative(parts, clock, wall):
    start(parts)
    clock.at += wall
    clock.since_boot = timedelta(minutes=3)
    clock.boot_id = lambda: "boot-2"
    work = stop_timer(parts, "kim")
    assert work.attended is not None
    assert work.attended.duration == max(wall, timedelta(0))
    assert {"rebooted", "estimated"} <= set(work.flags)


def test_a_timer_that_somebody_forgot_is_flagged(parts, clock):
    start(parts)
    clock.pass_time(timedelta(hours=12))
    assert time_listed(parts).timers[0].person == "kim"
    clock.pass_time(timedelta(seconds=1))
    assert stop_timer(parts, "kim").flags == ("long",)


def test_a_clients_file_that_is_broken_holds_up_no_clock(parts, clock, store):
    start(parts)
    clock.pass_time(MINUTE)
    broken = replace(parts, workspace=replace(parts.workspace, clients={}))
    work = stop_timer(broken, "kim")
    assert store.work.list("acme") == [(work, ())]


def test_one_timer_runs_for_a_person_at_a_time(parts):
    start(parts)
    with pytest.raises(NotPermitted, match="a timer of kim runs for acme since 12:00 UTC: one at a time"):
        start(parts)
    start(parts, person="ann")
    stop_timer(parts, "kim")
    start(parts)


def test_the_database_itself_refuses_a_second_one(parts, store):
    first = start(parts)
    with pytest.raises(Exception, match=r"UNIQUE|unique"), store._database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO timers SELECT id || 'x', person, client_id, activity, host_ids, ticket, place, note, "
            "started_at, started, boot_id, ended_at, cancelled, record_id FROM timers"
        )
    assert store.timers.running("kim") == first


def test_nothing_runs_and_that_is_said(parts):
    for act in (
        stop_timer,
        lambda parts, who: cancel_timer(parts, who, "x"),
        lambda parts, who: parts.store.timers.note(who, "x"),
    ):
        with pytest.raises(NotPermitted, match="no timer of kim runs; start one"):
            act(parts, "kim")


def test_notes_are_added_and_none_is_lost(parts, store):
    start(parts, note="one")
    store.timers.note("kim", "two")
    assert store.timers.note("kim", "three").note == "one; two; three"


def test_a_cancelled_timer_becomes_no_record_and_stays_with_its_reason(parts, clock, store):
    start(parts)
    clock.pass_time(MINUTE)
    cancel_timer(parts, "kim", "wrong client")
    assert store.work.list("acme") == []
    assert [each.cancelled for each in time_listed(parts).timers] == ["wrong client"]
    with pytest.raises(Exception, match="not changed, and none is deleted"), store._database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM timers")


def test_a_timer_whose_note_came_in_between_is_not_stopped_without_it(parts, store):
    timer = start(parts)
    store.timers.note("kim", "restored")
    with pytest.raises(NotPermitted, match="changed by somebody in this moment"):
        store.timers.cancel(timer, "x")


def test_the_clients_rules_for_tickets_hold_for_timers_too(parts):
    with pytest.raises(PlanError, match="Acme Dental wants a ticket for every fix"):
        start(parts, ticket="")
    start(parts, ticket="", activity="health")


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"hosts": "z9"}, "z9"), ({"activity": "patchin"}, "did you mean"), ({"client": "nobody"}, "nobody")],
)
def test_what_cannot_be_meant_is_said(parts, changes, says):
    with pytest.raises(PlanError, match=says):
        start(parts, **changes)


def test_today_is_the_clients_today(parts, clock):
    start(parts)
    clock.pass_time(30 * MINUTE)
    stop_timer(parts, "kim")
    assert len(time_listed(parts).records) == 1
    assert time_listed(parts, person="ann").records == ()
    clock.pass_time(timedelta(hours=10, minutes=29))
    assert len(time_listed(parts).records) == 1
    clock.pass_time(MINUTE)
    assert time_listed(parts).records == ()
