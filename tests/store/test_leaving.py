"""A process leaves, falls asleep or dies: others find out what it left open, and it changes nothing that they took."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from tests.store.cast import KIM, TICKET, begin, parcel, plan, result, sql, work
from tests.store.conftest import Opener

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def first(store: Store) -> Store:
    """A process that is changing web1 and has not begun db1."""
    store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
    begin(store, "r1", "web1", "p1")
    return store


@pytest.fixture
def survivor(opener: Opener) -> Store:
    return opener(pid=2)


SLEEPER = """
import sys
from msp_ops.domain.errors import NotPermitted
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store
from tests.store.cast import KIM, TICKET, parcel, plan
store = open_store(sys.argv[1], SystemClock())
store.journal.open_run("r1", plan("web1"), TICKET, KIM)
lease = store.journal.take_host("r1", "web1")
print("took", flush=True)
sys.stdin.readline()
try:
    store.journal.intend("r1", "web1", parcel("p1"), lease)
    print("acted")
except NotPermitted as refusal:
    print(refusal)
"""


def test_a_process_that_was_stopped_past_its_lease_and_woken_is_refused(url: str):
    sleeper = start(SLEEPER, url)
    assert said(sleeper) == "took"
    sleeper.send_signal(signal.SIGSTOP)
    os.waitpid(sleeper.pid, os.WUNTRACED)
    a_minute_passes(url)
    with open_store(url, SystemClock()) as heir:
        heir.journal.open_run("r2", plan("web1"), TICKET, KIM)
        lease = heir.journal.take_host("r2", "web1")
        sleeper.send_signal(signal.SIGCONT)
        tell(sleeper)
        assert "run r1 must not change acme/web1" in said(sleeper)
        sleeper.communicate(timeout=30)
        heir.journal.intend("r2", "web1", parcel("p2"), lease)


def a_minute_passes(url: str) -> None:
    """For the heart that stands still: what it said last was said a minute ago."""
    if url.startswith("sqlite"):
        sql(url, "UPDATE processes SET beat = beat - 60000000")
    else:
        sql(url, "UPDATE processes SET beat_at = beat_at - interval '60 seconds'")


def start(program: str, url: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", program, url]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_who_leaves_is_taken_at_once_for_gone(first: Store, survivor: Store):
    first.journal.leave()
    run = survivor.runs.read("r1")
    assert run.abandoned
    assert [host.outcome for host in run.hosts] == [Outcome.UNKNOWN, Outcome.DEFERRED]
    assert [run.id for run in survivor.runs.abandoned()] == ["r1"]


def test_a_run_is_of_the_process_that_opened_it(first: Store, survivor: Store, dead: set[int]):
    lease = first.journal.take_host("r1", "web1")
    dead.add(1)
    for act in (
        lambda: survivor.journal.intend("r1", "web1", parcel("p2"), lease),
        lambda: survivor.journal.take_host("r1", "db1"),
        lambda: survivor.journal.record("r1", result("db1")),
    ):
        with pytest.raises(NotPermitted, match="run r1 is not this process's: only the one that opened it may go on"):
            act()


def test_who_has_left_begins_nothing_more(first: Store):
    lease = first.journal.take_host("r1", "web1")
    first.journal.leave()
    first.journal.leave()
    for act in (
        lambda: first.journal.intend("r1", "web1", parcel("p2"), lease),
        lambda: first.journal.take_host("r1", "db1"),
        lambda: first.journal.open_run("r2", plan("web1"), TICKET, KIM),
    ):
        with pytest.raises(NotPermitted, match="has left its work to others"):
            act()
    first.journal.record("r1", result("web1"))  # what it knows is still worth knowing


def test_who_has_left_before_it_began_anything_begins_nothing(store: Store):
    store.journal.leave()
    with pytest.raises(NotPermitted, match="has left its work to others"):
        store.journal.open_run("r1", plan("web1"), TICKET, KIM)


def test_the_close_of_a_store_is_no_leave(first: Store, survivor: Store):
    first.close()
    assert survivor.runs.abandoned() == []


def test_nothing_is_taken_intended_or_recorded_in_a_run_that_was_closed(first: Store):
    lease = first.journal.take_host("r1", "web1")
    first.journal.close_run("r1", work("r1"), ())
    for act in (
        lambda: first.journal.intend("r1", "web1", parcel("p2"), lease),
        lambda: first.journal.take_host("r1", "db1"),
        lambda: first.journal.record("r1", result("web1")),
    ):
        with pytest.raises(NotPermitted, match="run r1 has ended at 12:00 UTC"):
            act()


def test_abandoned_runs_are_those_that_list_says_so_of(opener: Opener, dead: set[int], clock):
    for pid in (1, 2, 3):
        opener(pid=pid).journal.open_run(f"r{pid}", plan("web1"), TICKET, KIM)
    dead.update((1, 3))
    reader = opener(pid=4)
    reader.journal.close_run("r3", work("r3"), ())
    assert reader.runs.abandoned() == [run for run in reader.runs.list(open_only=True) if run.abandoned]
    assert [run.id for run in reader.runs.abandoned()] == ["r1"]
