"""What may be repeated is repeated; a step that was committed is asked about, never sent twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import ScriptStep
from msp_ops.engine.events import HostEnded, Waiting
from msp_ops.engine.host import run_on_host
from msp_ops.engine.job import Patience
from msp_ops.engine.stopping import Stopping
from msp_ops.transports.base import Answer, Gone, Interrupted
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import MemoryJournal, audit, disk_answer, job, runbook, tools

PATIENT = Patience(tries=3, pause=timedelta(0), silence=timedelta(minutes=5), busy=timedelta(minutes=5))


def events_of(book, host, journal=None, patience=PATIENT, **changes):
    return list(run_on_host(job(book, **changes), tools({"a": host}, journal, patience)))


def says(text, code=0):
    return lambda _script: Answer(exit_code=code, output=text.encode())


@pytest.mark.parametrize("cut_at", ["deliver", "commit", "after commit", "follow", "collect", "ask"])
def test_a_link_that_breaks_once_costs_nothing_but_time(cut_at):
    host = FakeHost(looked=disk_answer("40%"), cut_at=cut_at)
    events = events_of(runbook(), host)
    assert events[-1].result.outcome is Outcome.SUCCEEDED
    assert list(host.ran.values()) == [1], "committed once, whatever broke"
    assert any(isinstance(event, Waiting) for event in events), "and somebody was told"


def test_a_host_that_comes_back_is_reached():
    assert events_of(audit(), FakeHost(looked=disk_answer("40%"), down_for=2))[-1].result.outcome is Outcome.SUCCEEDED


def test_a_host_that_is_down_is_tried_three_times_and_that_is_said():
    events = events_of(audit(), FakeHost(down_for=9))
    assert [event.why for event in events if isinstance(event, Waiting)] == [
        "a cannot be reached; try 2 of 3 comes",
        "a cannot be reached; try 3 of 3 comes",
    ]
    result = events[-1].result
    assert (result.outcome, result.reason) == (Outcome.NOT_REACHED, "a cannot be reached (tried 3 times)")


def test_a_step_that_goes_on_is_asked_about_until_it_ends():
    host = FakeHost(looked=disk_answer("40%"), busy_for=4)
    unwatched = tools({"a": host}, patience=PATIENT)
    events = list(run_on_host(job(runbook()), replace(unwatched, watched=False)))
    assert events[-1].result.outcome is Outcome.SUCCEEDED
    assert [event.why for event in events if isinstance(event, Waiting)] == ["clean up goes on there"] * 4


@pytest.mark.parametrize(
    ("ends_as", "reason"),
    [
        (Interrupted(why="restarted"), "the host was restarted in the middle of clean up"),
        (Interrupted(why="killed"), "clean up was killed on the host by somebody else"),
        (Gone(), "clean up was committed, and the host cannot say how it ended"),
    ],
)
def test_a_step_without_an_end_is_unknown(ends_as, reason):
    result = events_of(runbook(), FakeHost(ends_as=ends_as))[-1].result
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reason)


def test_a_busy_host_is_waited_for_and_who_waits_reads_whose_it_is():
    class FreedLater(MemoryJournal):
        def take_host(self, run_id, host_id, peers=()):
            lease = None
            try:
                lease = super().take_host(run_id, host_id, peers)
            finally:
                self._leased = ()
            return lease

    events = events_of(runbook(), FakeHost(looked=disk_answer("40%")), FreedLater(leased=("a",)))
    assert [event.why for event in events if isinstance(event, Waiting)] == [
        "a is being changed by run r-0 (kim, since 11:58)"
    ]
    assert events[-1].result.outcome is Outcome.SUCCEEDED


def two_steps():
    steps = tuple(ScriptStep(kind="script", name=name, file="clean.sh") for name in ("first", "second"))
    return runbook(steps=steps)


def run_and_tell(host, tell, after):
    """The result when `tell` is said to the run after the named step."""
    word = Stopping()
    last = None
    for event in run_on_host(job(two_steps()), tools({"a": host}, patience=PATIENT, stopping=word)):
        if type(event).__name__ == after:
            tell(word)
        last = event
    assert isinstance(last, HostEnded)
    return last.result


def test_a_stop_lets_the_running_step_end_and_begins_no_other():
    host = FakeHost(looked=disk_answer("40%"))
    result = run_and_tell(host, lambda word: word.finish("stopped by kim"), after="StepEnded")
    assert (result.outcome, result.reason) == (Outcome.FAILED, "stopped by kim; 1 of 2 steps were done")
    assert list(host.ran.values()) == [1]


def test_a_cancel_stops_the_running_step_on_the_host():
    host = FakeHost(busy_for=3)
    result = run_and_tell(host, lambda word: word.cancel("kim"), after="Intended")
    assert result.outcome is Outcome.DEFERRED, "it was withdrawn before it was committed"
    assert host.ran == {}


def test_a_stop_before_the_first_change_defers_the_host():
    host = FakeHost()
    result = run_and_tell(host, lambda word: word.finish("stopped by kim"), after="HostBegan")
    assert (result.outcome, result.reason) == (Outcome.DEFERRED, "stopped by kim")
    assert host.ran == {}
