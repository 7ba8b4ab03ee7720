"""`runs show` of a run that another process carries out at this moment."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store
from tests.engine.parts import HOSTS
from tests.journeys.cast import asked
from tests.store.cast import parcel, result


class EarlierClock(SystemClock):
    """It is still a minute and five seconds ago; this process lives, so its runs go on."""

    def now(self):
        return super().now() - timedelta(seconds=65)


@pytest.fixture
def running(sample):
    """Host a is told its second step, b has ended, c waits."""
    clock = EarlierClock()
    with open_store(f"sqlite:///{sample}/.state/store.db", clock) as store:
        hosts = (*HOSTS, replace(HOSTS[0], id="c"))
        whole = asked(clock, hosts=hosts)
        store.journal.open_run("r-1", whole.plan(), whole.trigger, whole.actor)
        lease = store.journal.take_host("r-1", "a")
        store.journal.intend("r-1", "a", parcel("p-1", "stop it"), lease)
        store.journal.intend("r-1", "a", parcel("p-2", "clean up"), lease)
        store.journal.intend("r-1", "b", parcel("p-3", "clean up"), store.journal.take_host("r-1", "b"))
        store.journal.record("r-1", result("b", Outcome.FAILED, reason="no room"))
        yield "r-1"


def test_a_run_that_goes_on_tells_what_is_known_of_each_host(running, msp_ops):
    told = msp_ops("runs", "show", running)
    assert told.returncode == 0, told.stderr
    head, one, other, last = (block.splitlines() for block in told.stdout.split("\n\n"))
    assert head[-1] == "Hosts that ended: 1, at work: 1, waiting or being looked at: 1"
    assert one[0] == "acme/a: at work"
    assert one[1].startswith("  told last: 'clean up', 1m")
    assert one[1].endswith("Z); it may take 7m")
    assert other == ["acme/b: failed  no room"]
    assert last == ["acme/c: waiting, or being looked at"]


def test_programs_read_the_same(running, msp_ops):
    told = json.loads(msp_ops("runs", "show", running, "--json").stdout)
    assert told["hosts"] == {"a": None, "b": "failed", "c": None}
    assert {each["host_id"]: each["at_work"] for each in told["states"]} == {"a": True, "b": False, "c": False}
    (only,) = told["told_last"].items()
    assert only[0] == "a"
    assert (only[1]["parcel"]["step"], only[1]["parcel"]["timeout"]) == ("clean up", 420)
    assert only[1]["at"].endswith("+00:00")


def test_of_an_unknown_host_the_step_is_told_too(abandoned_run, msp_ops):
    told = msp_ops("runs", "show", abandoned_run).stdout
    assert "acme/a: unknown" in told
    assert "  told last: 'clean up', " in told
