"""Many hosts: each ends once, a defect stops the rest, a stop defers them."""

from threading import Event as Signal

from msp_ops.domain.outcome import Outcome
from msp_ops.engine.events import HostBegan, HostEnded
from msp_ops.engine.fan_out import fan_out
from tests.engine.parts import HOSTS, StandingClock, audit, job

JOBS = [job(audit(), host) for host in HOSTS] * 5


def ends(run_one, stop=None, at_once=1):
    events = fan_out(JOBS, run_one, keep, at_once, StandingClock(), stop or Signal())
    return [event.result for event in events if isinstance(event, HostEnded)]


def keep(result, _job):
    return HostEnded(result=result)


def well(job):
    yield HostBegan(host_id=job.host_id)
    yield from _done(job, Outcome.SUCCEEDED)


def _done(job, outcome):
    from msp_ops.domain.clock import Stopwatch  # noqa: PLC0415
    from msp_ops.domain.run import HostResult  # noqa: PLC0415

    interval = Stopwatch.start(StandingClock()).read()
    yield HostEnded(result=HostResult(host_id=job.host_id, outcome=outcome, reason="", interval=interval))


def test_every_host_ends_exactly_once():
    assert len(ends(well, at_once=4)) == len(JOBS)


def test_a_defect_ends_its_host_as_unknown_and_begins_no_other():
    def broken(job):
        yield HostBegan(host_id=job.host_id)
        raise ZeroDivisionError("a bug")

    results = ends(broken)
    assert [result.outcome for result in results] == [Outcome.UNKNOWN] + [Outcome.DEFERRED] * 9
    assert "ZeroDivisionError: a bug" in results[0].defect


def test_a_stopped_run_defers_who_has_not_begun():
    stop = Signal()

    def stopping(job):
        stop.set()
        yield from well(job)

    assert [result.outcome for result in ends(stopping, stop)] == [Outcome.SUCCEEDED] + [Outcome.DEFERRED] * 9


def test_even_an_exit_in_a_hosts_thread_ends_the_host():
    def leaving(job):
        yield HostBegan(host_id=job.host_id)
        raise SystemExit

    assert ends(leaving)[0].outcome is Outcome.UNKNOWN
