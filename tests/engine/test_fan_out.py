"""Many hosts: each ends once, a defect stops the rest, a stop defers them."""

import threading
from dataclasses import replace
from datetime import timedelta

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostResult
from msp_ops.engine.events import HostBegan, HostEnded, HostLeft, Waiting
from msp_ops.engine.fan_out import fan_out
from msp_ops.engine.plan import _planned
from msp_ops.engine.rollout import Turns
from msp_ops.engine.stopping import Stopping
from msp_ops.engine.system_clock import SystemClock
from tests.engine.parts import HOSTS, StandingClock, audit, job, tools

FLEET = [replace(HOSTS[0], id=f"h{number}") for number in range(10)]
JOBS = [job(audit(), host) for host in FLEET]


def events_of(run_one, stopping=None, at_once=1, jobs=JOBS):
    turns = Turns([_planned(job.target.host) for job in jobs], None, at_once)
    yield from fan_out(jobs, run_one, keep, turns, tools({}, stopping=stopping, clock=SystemClock()))


def ends(run_one, stopping=None, at_once=1):
    return [event.result for event in events_of(run_one, stopping, at_once) if isinstance(event, HostEnded)]


def keep(result, _job):
    return HostEnded(result=result)


def well(job):
    yield HostBegan(host_id=job.host_id)
    yield from _done(job, Outcome.SUCCEEDED)


def _done(job, outcome):
    interval = Stopwatch.start(StandingClock()).read()
    yield HostEnded(result=HostResult(host_id=job.host_id, outcome=outcome, reason="", interval=interval))


def test_every_host_ends_exactly_once():
    assert len(ends(well, at_once=4)) == len(JOBS)


def test_a_defect_ends_its_host_as_unknown_and_begins_no_other():
    def broken(job):
        yield HostBegan(host_id=job.host_id)
        raise ZeroDivisionError("a bug")

    results = sorted(ends(broken), key=lambda result: -result.outcome)
    assert [result.outcome for result in results] == [Outcome.UNKNOWN] + [Outcome.DEFERRED] * 9
    assert "ZeroDivisionError: a bug" in results[0].defect


def test_a_defect_that_quotes_a_secret_is_kept_without_it():
    def broken(_):
        yield from ()
        raise ValueError("cannot use hunter2")

    defect = next(result.defect for result in ends(broken) if result.defect)
    assert "ValueError: cannot use [secret]" in defect


def test_a_stopped_run_defers_who_has_not_begun():
    word = Stopping()

    def one_stops(job):
        word.finish("kim pressed Ctrl-C")
        yield from well(job)

    results = sorted(ends(one_stops, word), key=lambda result: result.outcome)
    assert [result.outcome for result in results] == [Outcome.SUCCEEDED] + [Outcome.DEFERRED] * 9
    assert results[-1].reason == "stopped before this host began: kim pressed Ctrl-C"


def test_even_an_exit_in_a_hosts_thread_ends_the_host():
    def leaving(job):
        yield HostBegan(host_id=job.host_id)
        raise SystemExit

    assert max(result.outcome for result in ends(leaving)) is Outcome.UNKNOWN


def test_a_host_that_waits_holds_no_thread():
    """Each goes on in whichever thread is free."""
    seen = set()

    def waiting(job):
        seen.add(threading.current_thread().name)
        yield Waiting(host_id=job.host_id, why="its step goes on there", pause=timedelta(0))
        yield from well(job)

    events = list(events_of(waiting, at_once=3, jobs=JOBS[:3]))
    assert sum(isinstance(event, HostEnded) for event in events) == 3
    assert sum(isinstance(event, Waiting) for event in events) == 3
    assert all(name.startswith("host-") for name in seen)


def test_who_leaves_is_not_held_by_a_silent_host():
    word, held = Stopping(), threading.Event()

    def silent(job):
        yield HostBegan(host_id=job.host_id)
        word.leave("SIGTERM")
        held.wait(30)
        yield from well(job)

    events = list(events_of(silent, word))
    held.set()
    assert [type(event) for event in events] == [HostBegan, HostLeft]


def test_a_cancel_is_heard_by_hosts_that_wait():
    word = Stopping()

    def waiting(job):
        yield Waiting(host_id=job.host_id, why="its step goes on there", pause=timedelta(hours=1))
        assert word.cancels
        yield from _done(job, Outcome.FAILED)

    outcomes = []
    for event in events_of(waiting, word, at_once=10):
        if isinstance(event, Waiting):
            word.cancel("kim")
        if isinstance(event, HostEnded):
            outcomes.append(event.result.outcome)
    assert Outcome.FAILED in outcomes
    assert len(outcomes) == len(JOBS)
