"""A host that a run left unknown: what it can tell, and what that amounts to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from msp_ops.checks.base import Check
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.finding import Finding, Reading
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Intent, Parcel
from msp_ops.domain.run import HostResult, StepResult
from msp_ops.domain.step import Condition, ScriptStep
from msp_ops.engine.recover import Lost, Recovery, StillUnknown
from msp_ops.engine.stopping import Stopping
from msp_ops.transports.base import Answer, Ended, Gone, Interrupted
from msp_ops.transports.fake import FakeHost, FakeSession
from tests.engine.parts import ACT, CHECKS, LEASE, LOOK, StandingClock, disk_answer, job, runbook, tools

PACKAGES = "package-health"
AT = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)


def parcel(number=0, step="clean up"):
    return Parcel(id=f"r-1-a-{number}", step=step, run_as="root", timeout=timedelta(minutes=10))


def committed(host, *parcels):
    """As a controller left it that was killed after its last commit."""
    session = FakeSession(host)
    for each in parcels:
        session.deliver(each, b"echo\n")
        session.commit(each, LEASE)
        host.busy.pop(each.id, None) if each is not parcels[-1] else None
    return host


def found(host, *parcels, book=None, as_it_was=True, stopping=None, checks=CHECKS, known=()):
    lost = Lost(
        job=job(book or runbook()),
        intents=tuple(Intent(parcel=each, at=AT) for each in parcels),
        as_it_was=as_it_was,
        known=known,
    )
    recovery = Recovery(lost, replace(tools({"a": host}, stopping=stopping), checks=checks))
    answer = recovery.found()
    recovery.close()
    return answer


def two_steps():
    steps = tuple(ScriptStep(kind="script", name=name, file="clean.sh") for name in ("first", "second"))
    return runbook(steps=steps)


def test_a_step_that_ended_while_nobody_was_there_is_collected_and_verified():
    host = committed(
        FakeHost(looked=disk_answer("40%"), changed=lambda _: Answer(exit_code=0, output=b"msp: changed /var 2 GB\n")),
        parcel(),
    )
    result = found(host, parcel())
    assert (result.outcome, result.reason) == (Outcome.SUCCEEDED, "found out by recovery")
    assert [step.name for step in result.steps] == ["clean up", "look at the disk"]
    assert result.steps[0].changed == ("/var 2 GB",)
    assert result.interval.started_at == AT
    assert list(host.ran.values()) == [1]


def test_a_step_that_failed_there_is_failed():
    host = committed(FakeHost(changed=lambda _: Answer(exit_code=1, output=b"no space\n")), parcel())
    result = found(host, parcel())
    assert (result.outcome, result.reason) == (
        Outcome.FAILED,
        "found out by recovery: clean up ended with 1: no space",
    )
    assert host.asked == [], "and nothing is verified"


def test_a_step_that_was_never_committed_is_withdrawn_for_ever():
    host = FakeHost()
    FakeSession(host).deliver(parcel(), b"echo\n")
    result = found(host, parcel())
    assert (result.outcome, result.reason) == (
        Outcome.DEFERRED,
        "found out by recovery: clean up never began: nothing of it was changed",
    )
    FakeSession(host).commit(parcel(), LEASE)
    assert host.ran == {}, "whoever slept before the commit comes too late"


def test_what_still_runs_is_left_to_run():
    host = committed(FakeHost(busy_for=5), parcel())
    assert found(host, parcel()) == StillUnknown(why="clean up is still at work on the host", at_work=True)


def test_what_still_runs_is_stopped_when_a_person_cancels():
    word = Stopping()
    word.cancel("stopped by kim")
    host = committed(FakeHost(busy_for=5), parcel())
    result = found(host, parcel(), stopping=word)
    assert result.outcome is Outcome.FAILED
    assert "clean up was stopped on the host: stopped by kim" in result.reason


def test_a_host_that_cannot_be_reached_stays_unknown():
    assert found(FakeHost(down_for=1), parcel()) == StillUnknown(why="a cannot be reached")


@pytest.mark.parametrize("end", [Interrupted(why="restarted"), Gone()])
def test_the_verification_decides_what_the_host_cannot_tell(end):
    done = found(committed(FakeHost(looked=disk_answer("40%"), ends_as=end), parcel()), parcel())
    assert done.outcome is Outcome.SUCCEEDED
    assert done.reason.endswith("the verification proves that its aim is reached")

    book = runbook(fails_on="critical")
    failed = found(committed(FakeHost(looked=disk_answer("99%"), ends_as=end), parcel()), parcel(), book=book)
    assert failed.outcome is Outcome.FAILED

    unclear = found(committed(FakeHost(looked=disk_answer("df: broken"), ends_as=end), parcel()), parcel())
    assert isinstance(unclear, StillUnknown)


def test_a_runbook_that_changed_since_verifies_nothing():
    end = committed(FakeHost(looked=disk_answer("40%"), ends_as=Interrupted(why="killed")), parcel())
    assert isinstance(found(end, parcel(), as_it_was=False), StillUnknown)
    good = committed(FakeHost(looked=disk_answer("40%")), parcel())
    changed = found(good, parcel(), as_it_was=False)
    assert changed.outcome is Outcome.FAILED
    assert "nobody can tell whether that was all of it" in changed.reason


def test_a_run_that_died_between_two_steps_is_not_done():
    host = committed(FakeHost(looked=disk_answer("40%")), parcel(0, "first"))
    result = found(host, parcel(0, "first"), book=two_steps())
    assert (result.outcome, result.reason) == (
        Outcome.FAILED,
        "found out by recovery: interrupted before second",
    )


def test_packages_left_half_done_are_named():
    half = Finding(check=PACKAGES, subject="dpkg", severity="critical", message="dpkg was interrupted: 3 packages")
    checks = {
        **CHECKS,
        PACKAGES: Check(name=PACKAGES, title="", command="dpkg --audit", read=lambda _seen: Reading(findings=(half,))),
    }

    def looked(script):
        return disk_answer("40%")(script)

    host = committed(FakeHost(looked=looked, ends_as=Interrupted(why="restarted")), parcel())
    result = found(host, parcel(), checks=checks, book=runbook(verify=()))
    assert isinstance(result, StillUnknown)
    assert "dpkg was interrupted: 3 packages" in result.why


def test_a_secret_in_what_the_host_said_is_masked():
    host = committed(FakeHost(changed=lambda _: Answer(exit_code=1, output=b"hunter2 is wrong\n")), parcel())
    result = found(host, parcel())
    assert isinstance(result, HostResult)
    assert "hunter2" not in result.reason
    assert b"hunter2" not in result.steps[0].evidence.body


def test_the_time_is_the_hosts_own():
    host = committed(FakeHost(looked=disk_answer("40%")), parcel())
    ended = host.ended[parcel().id]
    host.ended[parcel().id] = Ended(answer=ended.answer, took=timedelta(minutes=7))
    result = found(host, parcel())
    assert result.steps[0].interval.duration == timedelta(minutes=7)


@pytest.mark.parametrize(("clear", "missing"), [(True, False), (False, True), (None, True)])
def test_a_step_that_waited_for_a_look_is_missing_unless_the_look_is_known_to_have_kept_it_away(clear, missing):
    """None: the process died before it could record what the look had found."""
    after = Condition(parameter={}, after={LOOK.name: "found"})
    book = runbook(steps=(LOOK, ACT, replace(ACT, name="more", condition=after)), verify=())
    full = Finding(check="disk", subject="/", severity="critical", message="/ is 99% full")
    seen = StepResult(
        name=LOOK.name,
        outcome=Outcome.SUCCEEDED,
        reason="",
        interval=Stopwatch.start(StandingClock()).read(),
        findings=() if clear else (full,),
    )
    result = found(committed(FakeHost(), parcel()), parcel(), book=book, known=() if clear is None else (seen,))
    assert ("interrupted before more" in result.reason, result.outcome is Outcome.FAILED) == (missing, missing)


def test_a_proof_that_waits_for_a_proof_is_asked_after_it():
    second = replace(LOOK, name="again", condition=Condition(parameter={}, after={LOOK.name: "found"}))
    host = committed(FakeHost(looked=disk_answer("40%")), parcel())
    result = found(host, parcel(), book=runbook(verify=(LOOK, second)))
    assert [step.name for step in result.steps] == ["clean up", LOOK.name]
    host = committed(FakeHost(looked=disk_answer("97%")), parcel())
    result = found(host, parcel(), book=runbook(verify=(LOOK, second)))
    assert [step.name for step in result.steps] == ["clean up", LOOK.name, "again"]
