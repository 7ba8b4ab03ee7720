"""Clocks that step and machines that sleep: a length is measured by a clock that does neither."""

import subprocess
import sys
from datetime import timedelta

import pytest

from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.store import open_store
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACME, StandingClock, disk_answer
from tests.journeys.cast import asked, parts_with

FOUR_MINUTES = timedelta(minutes=4)
BOTH_CLOCKS = (
    "import time; from msp_ops.engine.system_clock import SystemClock\n"
    "print(SystemClock().elapsed().total_seconds() - time.clock_gettime(time.CLOCK_MONOTONIC))"
)


@pytest.mark.parametrize("step", [timedelta(minutes=-55), timedelta(days=365)])
def test_a_clock_that_steps_in_the_middle_of_a_run_changes_no_length_and_is_flagged(tmp_path, step):
    clock = StandingClock()

    def changed(_script):
        clock.pass_time(FOUR_MINUTES)
        clock.at += step
        return Answer(exit_code=0, output=b"")

    host = FakeHost(looked=disk_answer("40%"), changed=changed)
    with open_store(f"sqlite:///{tmp_path}/store.db", clock) as store:
        parts = parts_with(store, clock, {"a": host})
        to_the_end(run_runbook(parts, asked(clock, hosts=ACME.sites[0].hosts[:1]), Stopping()))
        ((record, _),) = store.work.list("acme")
        assert (record.machine.duration, record.attended.duration) == (FOUR_MINUTES, FOUR_MINUTES)
        assert "clock-stepped" in record.flags
        store.work.verify_chain("acme")


def test_two_hours_of_sleep_count():
    """A time namespace whose boot clock is two hours ahead: what sleep does to a real machine."""
    asleep = ["unshare", "--time", "--fork", "--boottime", "7200", sys.executable, "-c", BOTH_CLOCKS]
    ended = subprocess.run(asleep, capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.skip(f"no time namespace can be made here: {ended.stderr.strip()[-100:]}")
    here = subprocess.run([sys.executable, "-c", BOTH_CLOCKS], capture_output=True, text=True, check=True)
    assert float(ended.stdout) - float(here.stdout) == pytest.approx(7200, abs=2)
