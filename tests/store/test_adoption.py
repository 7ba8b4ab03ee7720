"""A run changes hands: exactly one process has it, and who had it before can do nothing more."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from msp_ops.domain.errors import HostBusy, NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Intent
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from tests.store.cast import KIM, NOON, TICKET, TestMachine, begin, parcel, plan, result, sql, work
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


def test_the_run_of_a_dead_process_goes_on_in_another(first: Store, survivor: Store, dead: set[int]):
    dead.add(1)
    survivor.journal.adopt("r1")
    run = survivor.runs.read("r1")
    assert not run.abandoned
    assert [host.reason for host in run.hosts] == ["at work", "waiting"]
    assert survivor.runs.intents("r1", "web1") == (Intent(parcel=parcel("p1"), at=NOON),)
    lease = survivor.journal.take_host("r1", "web1")
    survivor.journal.intend("r1", "web1", parcel("p2"), lease)
    survivor.journal.record("r1", result("web1"))
    survivor.journal.close_run("r1", work("r1"), ())
    assert survivor.runs.read("r1").ended_at == NOON


def test_who_wakes_after_its_run_was_adopted_can_do_nothing_in_it(first: Store, survivor: Store, dead: set[int]):
    lease = first.journal.take_host("r1", "web1")
    dead.add(1)
    survivor.journal.adopt("r1")
    dead.clear()
    younger = survivor.journal.take_host("r1", "web1")
    assert younger.token > lease.token
    for act in (
        lambda: first.journal.intend("r1", "web1", parcel("p2"), lease),
        lambda: first.journal.intend("r1", "web1", parcel("p2"), younger),
        lambda: first.journal.take_host("r1", "web1"),
        lambda: first.journal.record("r1", result("web1")),
        lambda: first.journal.close_run("r1", work("r1"), ()),
        lambda: first.journal.adopt("r1"),
    ):
        with pytest.raises(NotPermitted, match="run r1 is"):
            act()
    assert [host.outcome for host in survivor.runs.read("r1").hosts] == [None, None]
    survivor.journal.intend("r1", "web1", parcel("p2"), younger)


def test_nobody_adopts_what_goes_on_or_has_ended(first: Store, survivor: Store, dead: set[int]):
    for each in (first, survivor):
        with pytest.raises(NotPermitted, match="run r1 is going on: a process has it and is at work"):
            each.journal.adopt("r1")
    first.journal.close_run("r1", work("r1"), ())
    dead.add(1)
    with pytest.raises(NotPermitted, match="run r1 has ended at 12:00 UTC"):
        survivor.journal.adopt("r1")


def test_an_adopted_run_is_adopted_again_when_its_second_process_dies_too(
    first: Store, survivor: Store, opener: Opener, dead: set[int]
):
    dead.add(1)
    survivor.journal.adopt("r1")
    held = survivor.journal.take_host("r1", "web1")
    dead.add(2)
    third = opener(pid=3)
    third.journal.adopt("r1")
    assert third.journal.take_host("r1", "web1").token > held.token


def test_a_host_that_another_run_has_taken_meanwhile_is_not_taken_back(
    store: Store, survivor: Store, opener: Opener, dead: set[int]
):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.take_host("r1", "web1")
    dead.add(1)
    survivor.journal.open_run("r2", plan("web1"), TICKET, KIM)
    taken = survivor.journal.take_host("r2", "web1")
    third = opener(pid=3)
    third.journal.adopt("r1")
    with pytest.raises(HostBusy, match="being changed by run r2"):
        third.journal.take_host("r1", "web1")
    survivor.journal.intend("r2", "web1", parcel("p2"), taken)


def test_of_many_that_adopt_at_once_exactly_one_wins(first: Store, opener: Opener, dead: set[int], url: str):
    heirs = [opener(pid=number) for number in range(2, 10)]
    dead.add(1)

    def adopts(heir: Store) -> bool:
        try:
            heir.journal.adopt("r1")
        except NotPermitted:
            return False
        return True

    with ThreadPoolExecutor(len(heirs)) as threads:
        won = list(threads.map(adopts, heirs))
    assert sum(won) == 1
    assert sql(url, "SELECT pid FROM processes JOIN runs ON process_id = processes.id") == [(2 + won.index(True),)]


HEIR = """
import sys
from msp_ops.domain.errors import NotPermitted
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store
store = open_store(sys.argv[1], SystemClock())
print("ready", flush=True)
sys.stdin.readline()
try:
    store.journal.adopt("r1")
    print("adopted", flush=True)
    sys.stdin.readline()
except NotPermitted as refusal:
    print(refusal)
"""


def test_of_several_processes_that_adopt_at_once_exactly_one_wins(url: str, clock, dead: set[int]):
    with open_store(url, SystemClock(), TestMachine(dead, pid=2**22 + 1)) as gone:
        gone.journal.open_run("r1", plan("web1"), TICKET, KIM)
    sql(url, "UPDATE processes SET boot_id = 'an earlier one', beat_at = '2020-01-01 00:00:00'")
    heirs = [start(HEIR, url) for _ in range(4)]
    assert [said(heir) for heir in heirs] == ["ready"] * 4
    for heir in heirs:
        tell(heir)
    answers = [said(heir) for heir in heirs]
    assert answers.count("adopted") == 1
    assert sum("is going on" in answer for answer in answers) == 3
    for heir in heirs:
        heir.communicate("end\n", timeout=30)


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
        heir.journal.adopt("r1")
        sleeper.send_signal(signal.SIGCONT)
        tell(sleeper)
        assert "run r1 is not, or no longer, this process's" in said(sleeper)
        sleeper.communicate(timeout=30)
        heir.journal.intend("r1", "web1", parcel("p1"), heir.journal.take_host("r1", "web1"))


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
    survivor.journal.adopt("r1")
    assert survivor.runs.abandoned() == []


def test_who_has_left_begins_nothing_more(first: Store):
    lease = first.journal.take_host("r1", "web1")
    first.journal.leave()
    first.journal.leave()
    for act in (
        lambda: first.journal.intend("r1", "web1", parcel("p2"), lease),
        lambda: first.journal.take_host("r1", "db1"),
        lambda: first.journal.open_run("r2", plan("web1"), TICKET, KIM),
        lambda: first.journal.adopt("r1"),
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


def test_nothing_is_taken_or_intended_in_a_run_that_was_closed(first: Store):
    lease = first.journal.take_host("r1", "web1")
    first.journal.close_run("r1", work("r1"), ())
    for act in (
        lambda: first.journal.intend("r1", "web1", parcel("p2"), lease),
        lambda: first.journal.take_host("r1", "db1"),
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
