from dataclasses import replace

import pytest

from msp_ops.domain.outcome import Outcome
from tests.reports.cast import ACME, answered, in_berlin, run_of, silent
from tests.reports.novembers import CALL, FIRST_ROUND, acme_run, upcoming


def test_a_maintenance_that_reached_all_says_so():
    summary = acme_run(FIRST_ROUND)
    assert summary.verdict == "Updates: done and checked on all 4 machines."
    assert not summary.unchecked


def test_a_machine_that_was_not_reached_is_named_in_the_first_sentence_and_counted():
    summary = acme_run()
    assert summary.verdict == "Updates: done and checked on 3 of 4 machines. The rest: db1 (not reached)."
    assert (summary.facts[0].value, summary.facts[0].total) == ("3", "of 4")
    assert [gap.machine for gap in summary.unchecked] == ["db1"]


@pytest.mark.parametrize(
    ("outcome", "words"), [(Outcome.NOT_REACHED, "nothing was changed"), (Outcome.UNKNOWN, "not known")]
)
def test_that_nothing_was_changed_is_said_only_when_it_is_known(outcome, words):
    (row,) = acme_run(run_of(ACME, "patch-linux", in_berlin(28, 22), silent("db1", outcome))).machines
    assert row.standing.without_changes == words


def test_the_runbooks_promise_is_given_only_for_the_machines_where_it_is_proved():
    assert acme_run().lede.startswith("On web1, fs1 and mail1: Installed the latest updates")
    nobody = run_of(ACME, "patch-linux", in_berlin(28, 22), silent("db1"))
    assert acme_run(nobody).lede == "On Saturday, 28 November, 22:00 to 22:25 CET."


def test_one_machine_reads_as_one():
    one = run_of(ACME, "patch-linux", in_berlin(28, 22), answered("web1", in_berlin(28, 22)))
    assert acme_run(one).verdict == "Updates: done and checked on your machine."


def test_machines_stand_in_the_order_of_the_plan():
    assert [row.machine for row in acme_run().machines] == ["web1", "db1", "fs1", "mail1"]


def test_each_update_shows_both_versions():
    (first, *_) = acme_run().machines[0].did
    assert (first.title, first.words) == ("openssl", "3.0.15-1~deb12u1 → 3.0.16-1~deb12u1")


def test_only_the_next_time_of_this_maintenance_is_announced():
    assert [date.title for date in acme_run(next_occurrences=upcoming()).next_dates] == ["Updates"]


def test_covered_work_is_called_so():
    assert acme_run().charges.says == "All of this is planned care: covered by your plan."


def test_a_call_is_headed_by_what_the_client_reported():
    assert (
        acme_run(CALL, runbook=None, work=()).verdict
        == "The booking page did not open: done and checked on your machine."
    )


def test_a_run_that_goes_on_is_not_reported_as_done():
    going = replace(silent("web1"), outcome=None)
    run = replace(run_of(ACME, "patch-linux", in_berlin(28, 22), going), ended_at=None)
    summary = acme_run(run)
    assert summary.verdict == "Updates: done and checked on none of 1 machine. The rest: web1 (going on)."
    assert summary.machines[0].standing.mark == "unknown"


def test_a_failed_machine_is_told_from_an_unknown_one():
    states = (answered("web1", in_berlin(28, 22), Outcome.FAILED), silent("db1", Outcome.UNKNOWN))
    summary = acme_run(run_of(ACME, "patch-linux", in_berlin(28, 22), *states))
    assert [row.standing.state for row in summary.machines] == ["Not finished", "Not known"]
    assert [gap.machine for gap in summary.unchecked] == ["db1"]
