"""How one host ends, wherever the world breaks."""

from dataclasses import replace

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import ScriptStep
from msp_ops.engine.events import HostEnded, Intended, NotRecorded, Said
from msp_ops.engine.host import run_on_host
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACT, MemoryJournal, audit, disk_answer, job, runbook, tools


def end(book, host, journal=None, **changes):
    events = list(run_on_host(job(book, **changes), tools({"a": host}, journal)))
    assert isinstance(events[-1], HostEnded)
    return events[-1].result


def says(text, code=0):
    return lambda _script: Answer(exit_code=code, output=text.encode())


def test_a_fix_that_was_verified_succeeds_and_says_what_it_changed():
    host = FakeHost(looked=disk_answer("40%"), changed=says("msp: changed /var/log freed 2 GB\n"))
    result = end(runbook(), host)
    assert result.outcome is Outcome.SUCCEEDED
    assert result.steps[0].changed == ("/var/log freed 2 GB",)


def test_the_intent_is_saved_before_the_host_is_told():
    journal = MemoryJournal()
    host = FakeHost(looked=disk_answer("40%"))
    for event in run_on_host(job(runbook()), tools({"a": host}, journal)):
        if type(event).__name__ == "Intended":
            assert host.ran == {}
            assert journal.told[-1] == ("intend", "a", "clean up", "r-1-a-0")
    assert host.ran == {"r-1-a-0": 1}


@pytest.mark.parametrize(
    ("cut_at", "outcome", "ran"),
    [
        ("connect", Outcome.NOT_REACHED, 0),
        ("deliver", Outcome.NOT_REACHED, 0),
        ("commit", Outcome.UNKNOWN, 0),
        ("after commit", Outcome.UNKNOWN, 1),
        ("follow", Outcome.UNKNOWN, 1),
        ("collect", Outcome.UNKNOWN, 1),
        ("forget", Outcome.SUCCEEDED, 1),
        ("ask", Outcome.UNVERIFIED, 1),
    ],
)
def test_a_cut_link_never_reads_as_success_or_plain_failure(cut_at, outcome, ran):
    host = FakeHost(looked=disk_answer("40%"), cut_at=cut_at)
    assert end(runbook(), host).outcome is outcome
    assert sum(host.ran.values()) == ran


def test_a_cut_link_while_looking_changes_nothing_and_says_so():
    assert end(audit(), FakeHost(cut_at="ask")).outcome is Outcome.NOT_REACHED


def test_a_check_that_cannot_be_read_leaves_the_host_unverified():
    result = end(audit(), FakeHost(looked=disk_answer("df: not found")))
    assert (result.outcome, result.reason) == (
        Outcome.UNVERIFIED,
        "disk could not be checked: df printed 'df: not found'",
    )


def test_a_check_whose_answer_is_missing_was_not_checked():
    result = end(audit(), FakeHost(looked=says("")))
    assert (result.outcome, result.reason) == (
        Outcome.UNVERIFIED,
        "disk could not be checked: its answer did not arrive",
    )


def test_an_audit_with_findings_is_a_good_audit():
    result = end(audit(), FakeHost(looked=disk_answer("99%")))
    assert result.outcome is Outcome.SUCCEEDED
    assert [finding.message for finding in result.findings()] == ["/ is 99% full"]


def test_a_finding_that_defeats_the_aim_fails_the_host():
    result = end(audit(fails_on="critical"), FakeHost(looked=disk_answer("99%")))
    assert (result.outcome, result.reason) == (Outcome.FAILED, "/ is 99% full")


def test_a_blocked_step_changed_nothing_and_is_not_verified():
    host = FakeHost(changed=says("msp: why dpkg is locked by unattended-upgrades (pid 45)\n", 75))
    result = end(runbook(), host)
    assert (result.outcome, result.reason) == (Outcome.BLOCKED, "dpkg is locked by unattended-upgrades (pid 45)")
    assert host.asked == []


def test_a_failing_step_says_its_last_words():
    result = end(runbook(), FakeHost(changed=says("cannot unlink\n", 1)))
    assert (result.outcome, result.reason) == (Outcome.FAILED, "clean up ended with 1: cannot unlink")


def test_a_host_that_another_run_changes_is_blocked_and_never_connected():
    result = end(runbook(), FakeHost(cut_at="connect"), MemoryJournal(leased=("a",)))
    assert result.outcome is Outcome.BLOCKED
    assert "kim" in result.reason


def test_a_store_that_cannot_save_the_intent_changes_nothing():
    host = FakeHost()
    result = end(runbook(), host, MemoryJournal(refuse="intend"))
    assert result.outcome is Outcome.BLOCKED
    assert host.ran == {}
    assert host.withdrawn == {"r-1-a-0"}, "and what was delivered, with whatever it was given, does not wait there"


def test_a_permit_that_ended_meanwhile_defers_the_host():
    result = end(runbook(), FakeHost(), refused="the window closed at 02:00")
    assert (result.outcome, result.reason) == (Outcome.DEFERRED, "the window closed at 02:00")


def test_secrets_are_masked_in_what_is_kept_and_in_what_is_shown():
    host = FakeHost(looked=disk_answer("40%"), changed=says("password hunter2\n"))
    events = list(run_on_host(job(runbook()), tools({"a": host})))
    assert [event.line for event in events if isinstance(event, Said)] == ["password [secret]"]
    assert b"hunter2" not in events[-1].result.steps[0].evidence.body


def test_parameters_arrive_as_quoted_variables():
    scripts = []
    host = FakeHost(
        looked=disk_answer("40%"), changed=lambda script: scripts.append(script) or Answer(exit_code=0, output=b"")
    )
    end(runbook(), host, parameters={"target-free": "'; rm -rf / #"})
    kept = "msp_kept=/var/lib/msp-ops/kept/r-1\n"
    assert scripts == [f"{kept}target_free=''\"'\"'; rm -rf / #'\necho cleaning\n"]


def test_the_host_keeps_its_proof_until_the_result_is_saved():
    host = FakeHost(looked=disk_answer("40%"))
    journal = MemoryJournal(refuse="record")
    *_, last = run_on_host(job(runbook()), tools({"a": host}, journal))
    assert isinstance(last, NotRecorded)
    assert last.result.outcome is Outcome.SUCCEEDED
    assert list(host.delivered) == ["r-1-a-0"], "still there"

    end(runbook(), host := FakeHost(looked=disk_answer("40%")))
    assert list(host.delivered) == []


def test_a_reason_never_quotes_a_secret():
    host = FakeHost(changed=says("msp: why the password hunter2 is wrong\n", 75))
    assert end(runbook(), host).reason == "the password [secret] is wrong"


def test_a_link_that_breaks_between_two_changes_says_how_many_were_done():
    second = ScriptStep(kind="script", name="second", file="clean.sh")
    host = FakeHost(changed=says("done\n"))
    book = runbook(steps=(ACT, second), verify=())
    events = []
    for event in run_on_host(job(book), tools({"a": host})):
        events.append(event)
        if len(host.ran) == 1 and host.cut_at is None:
            host.cut_at = "deliver"
    assert events[-1].result.outcome is Outcome.FAILED
    assert "1 of 2 steps were done" in events[-1].result.reason


def test_what_no_reader_can_understand_is_not_checked_and_ends_nothing():
    result = end(audit(), FakeHost(looked=disk_answer("no figure%")))
    assert (result.outcome, result.defect) == (Outcome.UNVERIFIED, None)
    assert "cannot be understood (InvalidOperation)" in result.reason


def test_a_window_that_closes_in_the_middle_of_a_host_breaks_nothing_off():
    open_now = [None]
    host = FakeHost(looked=disk_answer("40%"))
    one = replace(job(runbook()), refused=lambda: open_now[0])
    for event in run_on_host(one, tools({"a": host})):
        if isinstance(event, Intended):
            open_now[0] = "the window closed at 02:00"
        last = event
    assert last.result.outcome is Outcome.SUCCEEDED
    assert list(host.ran.values()) == [1]
