"""A rehearsal runs the real engine; what is not as it should be is told, and nothing unknown is green."""

from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.checks.table import CHECKS as REAL
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.rehearsal import RESTART_QUESTION, Expected, Rehearsal, Spoken, StandIn
from msp_ops.domain.step import ApproveStep, CheckStep, Condition, PlaybookStep, RebootStep, ScriptStep, WaitStep
from msp_ops.engine.batch import compose, questions_in
from msp_ops.journeys.rehearse import rehearse
from tests.engine.parts import ACT, CHECKS, LOOK, audit, runbook

FIXED = Spoken(output="msp: changed /var/log freed 2 GB\n")
ROOM = Spoken(output="40%\n")
FULL = Spoken(output="99%\n")


def rehearsal(proves="success", outcome="succeeded", says=None, host=None, **expected):
    return Rehearsal(
        name="one",
        title="One",
        proves=proves,
        parameters={},
        host=host or StandIn(),
        says={name: each if isinstance(each, tuple) else (each,) for name, each in (says or {}).items()},
        expect=Expected(outcome=outcome, **expected),
    )


GOOD = rehearsal(says={"clean up": FIXED, "look at the disk": ROOM}, changed=("freed 2 GB",), findings=())


def red(book, played, checks=CHECKS):
    return list(rehearse(book, played, checks).differences)


def test_a_rehearsal_that_goes_as_it_should_is_green():
    found = rehearse(runbook(), GOOD, CHECKS)
    assert (found.differences, found.is_green, found.result.outcome) == ((), True, Outcome.SUCCEEDED)


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({"outcome": "failed"}, "outcome: expected failed, it ended succeeded"),
        ({"changed": ("freed 3 GB",)}, "changed: expected 'freed 3 GB', reported was '/var/log freed 2 GB'"),
        ({"changed": ("freed", "more")}, "changed: expected 'more', nothing more was reported"),
        ({"changed": ()}, "changed: not expected: '/var/log freed 2 GB'"),
        ({"findings": ("critical /",)}, "findings: expected 'critical /', nothing more was reported"),
        ({"reason": "nothing"}, "reason: expected 'nothing', it is ''"),
    ],
)
def test_each_difference_is_told(expect, told):
    assert red(runbook(), replace(GOOD, expect=replace(GOOD.expect, **expect))) == [told]


def test_what_is_not_looked_at_makes_no_difference():
    assert red(runbook(), replace(GOOD, expect=Expected(outcome="succeeded"))) == []


def test_a_step_without_an_answer_is_red_and_never_taken_for_well():
    found = rehearse(runbook(), rehearsal(says={"clean up": FIXED}), CHECKS)
    assert found.result.outcome is Outcome.UNVERIFIED
    assert "'look at the disk' was asked, and says has no answer" in found.differences


def test_a_report_that_is_misspelt_is_red_whatever_is_expected():
    typo = Spoken(output="msp: chnaged /var/log freed 2 GB\n")
    played = rehearsal("failing-step", "unverified", {"clean up": typo, "look at the disk": ROOM})
    assert red(runbook(), played) == [
        "'clean up': its report has a line that cannot be read: 'msp: chnaged /var/log freed 2 GB'"
    ]


def test_an_answer_that_nobody_asks_for_is_red():
    played = rehearsal(
        "failing-step", "failed", {"clean up": Spoken(exit=1, output="oh\n"), "look at the disk": ROOM}, reason="oh"
    )
    assert red(runbook(), played) == ["'look at the disk' has an answer and was never asked"]


def test_more_answers_than_questions_are_red():
    assert red(runbook(), replace(GOOD, says={**GOOD.says, "clean up": (FIXED, FIXED)})) == [
        "'clean up' has 2 answers and was asked 1 times"
    ]


def test_a_success_changes_something():
    played = rehearsal(says={"clean up": Spoken(), "look at the disk": ROOM})
    assert red(runbook(), played)[0].startswith("proves success, but nothing was changed")


def test_where_all_is_well_already_nothing_changes_and_nothing_is_found():
    played = replace(GOOD, proves="already-fine", expect=Expected(outcome="succeeded"))
    assert red(runbook(), played) == ["a second run must change nothing, it changed: /var/log freed 2 GB"]
    looked = rehearsal("already-fine", says={"look at the disk": FULL})
    assert red(audit(), looked) == ["all is well already, yet it found: critical /: / is 99% full"]


def test_the_real_reader_reads_what_a_host_says():
    found = rehearse(audit(), rehearsal(says={"look at the disk": FULL}, findings=("critical /: / is 99%",)), CHECKS)
    assert found.differences == ()


def test_nobody_answers():
    assert red(runbook(), rehearsal("unreachable", "not reached", host=StandIn(connects=False))) == []


@pytest.mark.parametrize(
    ("cut_at", "outcome", "asked"),
    [
        ("deliver", "not reached", ()),
        ("commit", "unknown", ()),
        ("after commit", "unknown", ("clean up",)),
        ("follow", "unknown", ("clean up",)),
        ("collect", "unknown", ("clean up",)),
        ("ask", "unverified", ("clean up",)),
    ],
)
def test_a_link_that_stays_away_is_never_green(cut_at, outcome, asked):
    says = {name: each for name, each in GOOD.says.items() if name in asked}
    assert red(runbook(), rehearsal("cut-half-way", outcome, says, StandIn(cut_at=cut_at))) == []


@pytest.mark.parametrize("cut_at", ["deliver", "commit", "after commit", "follow", "collect"])
def test_a_cut_that_never_came_is_red_whatever_is_expected(cut_at):
    played = rehearsal("cut-half-way", "succeeded", {"look at the disk": ROOM}, StandIn(cut_at=cut_at))
    assert red(audit(), played) == [
        f"the link never broke at {cut_at}: the run did not come so far, or has no such moment"
    ]


@pytest.mark.parametrize("cut_at", ["deliver", "commit", "after commit", "follow", "collect", "ask"])
def test_a_link_that_comes_back_finds_the_end_and_nothing_is_done_twice(cut_at):
    played = replace(GOOD, proves="cut-half-way", host=StandIn(cut_at=cut_at, comes_back=True))
    assert red(runbook(), played) == []


def test_a_host_that_refuses_is_blocked():
    played = rehearsal("failing-step", "blocked", host=StandIn(blocked_by="it is being moved"), reason="being moved")
    assert red(runbook(), played) == []


def test_an_hour_of_waiting_takes_no_time():
    wait = WaitStep(kind="wait", name="is it there", file="clean.sh", timeout=timedelta(hours=1))
    book = runbook(steps=(ACT, wait))
    late = rehearsal("failing-step", "failed", {"clean up": FIXED, "is it there": Spoken(exit=1)}, reason="within 1h")
    assert red(book, late) == []
    soon = {**GOOD.says, "is it there": (Spoken(exit=1), Spoken(exit=1), Spoken())}
    assert red(book, replace(GOOD, says=soon)) == []


def test_steps_of_the_same_script_are_answered_in_their_order():
    again = ScriptStep(kind="script", name="once more", file="clean.sh")
    other = Spoken(output="msp: changed /tmp emptied\n")
    played = replace(
        GOOD, says={**GOOD.says, "once more": (other,)}, expect=Expected(outcome="succeeded", changed=("GB", "emptied"))
    )
    assert red(runbook(steps=(ACT, again)), played) == []


def test_a_restart_is_played_with_another_boot():
    book = runbook(impact="reboots", steps=(ACT, RebootStep(kind="reboot", name="restart", when="if-needed")))
    checks = {**CHECKS, "pending-reboot": replace(CHECKS["disk"], name="pending-reboot")}
    wanted = replace(
        GOOD,
        says={**GOOD.says, RESTART_QUESTION: (FULL,)},
        expect=Expected(outcome="succeeded", changed=("2 GB", "the host was restarted")),
    )
    assert red(book, wanted, checks) == []
    assert red(book, replace(GOOD, says={**GOOD.says, RESTART_QUESTION: (ROOM,)}), checks) == []
    refused = {"clean up": FIXED, RESTART_QUESTION: FULL, "restart": Spoken(exit=1, output="no\n")}
    assert red(book, rehearsal("failing-step", "failed", refused, reason="ended with 1: no"), checks) == []


def test_a_failed_change_is_undone_in_the_rehearsal_too():
    undo = ScriptStep(kind="script", name="put it back", file="undo.sh")
    book = runbook(undo=(undo,), scripts={"clean.sh": "echo cleaning\n", "undo.sh": "echo back\n"})
    says = {"clean up": Spoken(exit=1, output="oh\n"), "put it back": Spoken(output="msp: changed it back\n")}
    assert red(book, rehearsal("failing-step", "failed", says, reason="undone")) == []


def test_a_person_approves_refuses_or_says_nothing():
    book = runbook(steps=(ApproveStep(kind="approve", name="now?", question="Now?"), ACT))
    assert red(book, replace(GOOD, says={**GOOD.says, "now?": (Spoken(),)})) == []
    no = rehearsal("failing-step", "deferred", {"now?": Spoken(exit=1, output="not today\n")}, reason="not today")
    assert red(book, no) == []
    assert red(book, rehearsal("failing-step", "deferred", reason="nobody approved it")) == []


def test_the_stand_in_says_what_it_is():
    only = replace(ACT, name="on suse", condition=Condition(platform=("suse",), parameter={}, after={}))
    book = runbook(steps=(ACT, only))
    assert red(book, GOOD) == []
    suse = replace(GOOD, host=StandIn(platform=("linux", "suse")), says={**GOOD.says, "on suse": (FIXED,)})
    assert red(book, replace(suse, expect=Expected(outcome="succeeded", changed=("GB", "GB")))) == []


def test_every_real_check_is_recognised_in_a_batch():
    steps = [CheckStep(kind="check", name=name, check=name) for name in sorted(REAL)]
    batch = compose(steps, REAL, {"service": "it's"})
    found = questions_in(batch.script.decode())
    assert [(mark, number) for _, mark, number in found] == [(batch.mark, str(n)) for n in range(len(steps))]
    assert questions_in("echo hello\n") == []
    assert LOOK.check in CHECKS


def test_a_playbook_is_rehearsed_by_what_ansible_would_say():
    site = PlaybookStep(kind="playbook", name="site", file="site.yml")
    book = runbook(steps=(site,), scripts={})
    went = {"site": Spoken(output="msp: changed nginx installed\n"), "look at the disk": ROOM}
    assert red(book, rehearsal(says=went, changed=("nginx installed",))) == []
    broke = {"site": Spoken(exit=2, output="msp: why no such package\n")}
    assert red(book, rehearsal("failing-step", "failed", says=broke, reason="no such package")) == []


def test_a_stand_in_has_roles_and_what_its_looks_found_decides():
    look = ScriptStep(kind="script", name="look for the lock", file="look.sh", changes=False)
    condition = Condition(role=("web",), parameter={}, after={look.name: "found"})
    book = runbook(
        steps=(look, replace(ACT, condition=condition)), scripts={"clean.sh": "echo clean\n", "look.sh": "echo look\n"}
    )
    held = Spoken(output="msp: finding warning lock it is held\n")
    locked = replace(GOOD, host=StandIn(roles=("web",)), says={**GOOD.says, look.name: (held,)})
    locked = replace(locked, expect=replace(locked.expect, findings=("warning lock",)))
    assert red(book, locked) == []
    other = replace(locked, host=StandIn(roles=("db",)))
    assert "proves success, but nothing was changed: the script says `msp: changed SUBJECT …`" in red(book, other)
    untold = replace(
        locked,
        proves="failing-step",
        says={look.name: (Spoken(exit=75, output="msp: why no fuser\n"),)},
        expect=Expected(outcome="blocked", reason="whether 'clean up' is to be done cannot be told"),
    )
    assert red(book, untold) == []
