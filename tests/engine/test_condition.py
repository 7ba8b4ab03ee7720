"""Conditions on roles and on what looks found: a step is taken, skipped with the reason, or nobody can tell."""

import platform
import subprocess
from dataclasses import replace

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import ApproveStep, CheckStep, Circumstances, Condition, ScriptStep
from msp_ops.engine.condition import in_turns, may_be_taken
from msp_ops.engine.platform import QUESTION, ask_platform
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost, FakeSession
from tests.engine.parts import HOSTS, LOOK, disk_answer, job, runbook
from tests.engine.test_language import Linux, ended, outcomes, when

SCRIPTS = {"look.sh": "echo look\n", "clean.sh": "echo cleaning\n"}
LOCK = ScriptStep(kind="script", name="look for the lock", file="look.sh", changes=False)


def unless(**parts):
    return Circumstances(**{"parameter": {}, "after": {}} | parts)


def acts(name, **condition):
    return ScriptStep(kind="script", name=name, file="clean.sh", condition=when(**condition))


def book(*steps, **changes):
    return runbook(**{"scripts": SCRIPTS, "steps": steps, "verify": ()} | changes)


def says(output, code=0):
    """A host whose looking script says this."""
    return FakeHost(looked=lambda _: Answer(exit_code=code, output=output))


SAID = {
    "found": b"msp: finding info lock it is held\n",
    "warning": b"msp: finding warning lock it is held\n",
    "critical": b"msp: finding critical lock it is held\n",
    "clear": b"",
}


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("clear", {"clear"}),
        ("found", {"found"}),
        ("warning", {"found", "warning"}),
        ("critical", {"found", "warning", "critical"}),
    ],
)
def test_what_a_look_found_decides_whether_a_step_is_taken(said, taken):
    steps = (LOCK, *(acts(word, after={LOCK.name: word}) for word in SAID))
    result = ended(job(book(*steps)), says(SAID[said]))
    assert {name for name, outcome in outcomes(result).items() if outcome == "succeeded"} == {LOCK.name, *taken}
    assert {name for name, outcome in outcomes(result).items() if outcome == "skipped"} == set(SAID) - taken


def test_a_step_that_is_skipped_says_what_was_found():
    steps = (LOCK, acts("go on", after={LOCK.name: "clear"}), acts("hurry", after={LOCK.name: "critical"}))
    result = ended(job(book(*steps)), says(SAID["warning"]))
    assert [step.reason for step in result.steps[1:]] == [
        "'look for the lock' found warning lock",
        "'look for the lock' found nothing of severity critical",
    ]


@pytest.mark.parametrize("word", ["found", "clear", "warning", "critical"])
@pytest.mark.parametrize("negated", [False, True])
def test_a_look_that_was_not_possible_blocks_the_step_that_waits_for_it(word, negated):
    after = {LOCK.name: word}
    condition = {"unless": unless(after=after)} if negated else {"after": after}
    host = says(b"msp: why fuser is missing\n", code=75)
    result = ended(job(book(LOCK, acts("go on", **condition), acts("later"))), host)
    assert (result.outcome, host.ran) == (Outcome.BLOCKED, {})
    assert outcomes(result) == {LOCK.name: "unverified", "go on": "blocked"}
    assert result.reason == (
        "whether 'go on' is to be done cannot be told: 'look for the lock' could not tell: fuser is missing"
    )


def test_after_a_change_a_step_of_which_nobody_can_tell_fails_the_host():
    host = says(b"msp: why fuser is missing\n", code=75)
    result = ended(job(book(acts("first"), LOCK, acts("go on", after={LOCK.name: "clear"}))), host)
    assert (result.outcome, len(host.ran)) == (Outcome.FAILED, 1)
    assert result.reason.endswith("fuser is missing; an earlier step had changed the host already")


def test_a_look_of_which_nobody_can_tell_is_unverified_and_a_gate_is_shut():
    host = says(b"msp: why fuser is missing\n", code=75)
    more = replace(LOCK, name="more", condition=when(after={LOCK.name: "found"}))
    seen = ended(job(book(LOCK, more, impact="read-only")), host)
    assert outcomes(seen) == {LOCK.name: "unverified", "more": "unverified"}
    word = ApproveStep(kind="approve", name="word", question="Go on?", condition=when(after={LOCK.name: "found"}))
    shut = ended(job(book(LOCK, word, acts("go on"))), host)
    assert (outcomes(shut), host.ran) == ({LOCK.name: "unverified", "word": "blocked"}, {})


def test_what_was_found_stands_also_where_the_look_came_to_no_end():
    host = says(SAID["critical"] + b"msp: why the rest could not be read\n", code=75)
    result = ended(job(book(LOCK, acts("go on", after={LOCK.name: "found"}))), host)
    assert (result.outcome, len(host.ran)) == (Outcome.UNVERIFIED, 1)


def test_what_decides_anyway_needs_no_look():
    host = says(b"", code=75)
    steps = (LOCK, acts("go on", parameter={"deep": "yes"}, after={LOCK.name: "found"}))
    result = ended(job(book(*steps), parameters={"deep": "no"}), host)
    assert outcomes(result) == {LOCK.name: "unverified", "go on": "skipped"}


def test_a_look_that_was_skipped_is_neither_found_nor_clear():
    passed_by = replace(LOCK, condition=when(parameter={"deep": "yes"}))
    steps = (passed_by, acts("a", after={LOCK.name: "found"}), acts("b", after={LOCK.name: "clear"}))
    result = ended(job(book(*steps), parameters={"deep": "no"}), says(b""))
    assert outcomes(result) == {LOCK.name: "skipped", "a": "skipped", "b": "skipped"}
    assert result.steps[2].reason == "'look for the lock' was not looked at"


def test_a_look_may_wait_for_the_look_just_before_it():
    first = CheckStep(kind="check", name="first", check="disk")
    second = replace(first, name="second", condition=when(after={"first": "found"}))
    third = replace(first, name="third", condition=when(after={"first": "clear"}))
    result = ended(
        job(runbook(impact="read-only", steps=(first, second, third), verify=())), FakeHost(disk_answer("40%"))
    )
    assert outcomes(result) == {"first": "succeeded", "second": "skipped", "third": "succeeded"}
    assert [[step.name for step in turn] for turn in in_turns((first, second, third, LOOK))] == [
        ["first"],
        ["second", "third", LOOK.name],
    ]


@pytest.mark.parametrize(("roles", "outcome"), [(("web", "db"), "succeeded"), (("db",), "skipped"), ((), "skipped")])
def test_a_step_is_taken_by_the_roles_of_the_host(roles, outcome):
    host = replace(HOSTS[0], roles=roles)
    result = ended(job(book(acts("go on", role=("proxy", "web"))), host), FakeHost())
    assert outcomes(result) == {"go on": outcome}
    has = "this host has db" if roles else "this host has no role"
    assert result.steps[0].reason == ("" if outcome == "succeeded" else f"it is for the roles proxy, web; {has}")


@pytest.mark.parametrize(
    ("words", "deep", "outcome", "reason"),
    [
        (("debian", "container"), "yes", "skipped", "this host is linux, debian, container and deep is yes"),
        (("debian", "container"), "no", "succeeded", ""),
        (("debian",), "yes", "succeeded", ""),
    ],
)
def test_unless_keeps_a_step_away_where_all_of_its_parts_hold(words, deep, outcome, reason):
    step = acts("go on", unless=unless(platform=("container",), parameter={"deep": "yes"}))
    result = ended(job(book(step), parameters={"deep": deep}), Linux(*words))
    assert (outcomes(result), result.steps[0].reason) == ({"go on": outcome}, reason)


def test_before_any_step_a_step_that_waits_for_another_may_be_taken():
    waits = acts("go on", after={LOCK.name: "found"})
    never = acts("go on", parameter={"deep": "yes"}, unless=unless(after={LOCK.name: "found"}))
    that = job(book(LOCK, waits), parameters={"deep": "no"})
    assert may_be_taken(waits, that, frozenset(), None)
    assert not may_be_taken(never, that, frozenset(), None)


def test_what_recovery_did_not_see_may_have_been_to_come():
    assert may_be_taken(acts("go on", after={LOCK.name: "clear"}), job(book(LOCK)), frozenset(), ())
    assert not may_be_taken(acts("go on", after={"first": "changed"}), job(book(LOCK)), frozenset(), ())


def test_a_condition_asks_for_the_platform_where_it_needs_it():
    assert Condition(parameter={}, after={}, unless=unless(platform=("container",))).asks_for_platform
    assert not when(role=("web",)).asks_for_platform


@pytest.mark.parametrize(
    ("release", "taken"),
    [("id:debian release:12", "debian-12"), ("id:ubuntu debian release:24.04", "ubuntu-24"), ("id:debian", "")],
)
def test_a_step_is_taken_by_the_release_of_the_host_own_system(release, taken):
    steps = tuple(acts(word, platform=(word,)) for word in ("debian-12", "debian-24", "ubuntu-24"))
    result = ended(job(book(*steps)), Linux(*release.split()))
    assert {name for name, outcome in outcomes(result).items() if outcome == "succeeded"} == ({taken} - {""})


def test_this_very_machine_can_say_what_it_is():
    said = subprocess.run(["sh"], input=QUESTION, capture_output=True, check=True).stdout.decode()
    about = platform.freedesktop_os_release()
    words = ask_platform(FakeSession(FakeHost(looked=lambda _: Answer(exit_code=0, output=said.encode()))))
    assert {"linux", about["ID"], f"{about['ID']}-{about['VERSION_ID'].partition('.')[0]}"} <= words
