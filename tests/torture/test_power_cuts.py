"""The power goes at any moment: every result and every work record that was acknowledged is there, once, and whole.

The product's own store works over this machine's own SQLite in a process whose calls are recorded; then the power is
cut after any of them, as often as wanted. See `tests/torture/tape.py` and `tests/torture/disk.py`.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from msp_ops.domain.errors import StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostState, Run
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from tests.store.cast import KIM, TICKET, plan, rich_result
from tests.torture.disk import Act, Cut, Disk, Made, NotSynced, Synced, Written
from tests.torture.size import AGAIN, dice, size
from tests.torture.tape import Acknowledged, play, record

CUTS = size(50, 1000)
RUNS = size(15, 150)
PROMISES = 12  # of a run
Tape = Sequence[Act | Acknowledged]
Told = tuple[str, ...]


class LostError(AssertionError):
    """Something that was acknowledged is not there."""


@pytest.fixture(scope="module")
def acts(memory: Path) -> list[Act | Acknowledged]:
    """A store at work, as it is."""
    (memory / "full").mkdir()
    return recorded(memory / "full", "full")


def recorded(folder: Path, mode: str, *inject: str) -> list[Act | Acknowledged]:
    said, place, tape = folder / "acknowledged", folder / "state", folder / "tape"
    place.mkdir(mode=0o700)
    words = ["tests.torture.bookkeeper", f"sqlite:///{place}/store.db", str(said), str(RUNS), mode]
    ended = record([sys.executable, "-m", *words], tape, *inject)
    assert ended.returncode == 0, ended.stderr
    acts = list(play(tape, place, said))
    tape.unlink()
    return acts


def cuts_of(acts: Tape, cuts: int, chance: Random) -> Iterator[tuple[int, dict[str, bytes], list[Told]]]:
    """After which call, the files when the power is back, and what had been acknowledged before."""
    disk, told, done = Disk(), list[Told](), 0
    for at in sorted(chance.randrange(len(acts) + 1) for _ in range(cuts)):
        for act in acts[done:at]:
            if isinstance(act, Acknowledged):
                told.append(tuple(act.words.split()))
            else:
                disk.do(act)
        done = at
        yield at, disk.after_a_cut(chance), told


def judge(files: dict[str, bytes], told: list[Told], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    try:
        with open_store(f"sqlite:///{folder}/store.db", SystemClock()) as store:
            store.check()
            _judge_what_was_told(store, told)
            store.journal.open_run("afterwards", plan("web1", client="cobalt"), TICKET, KIM)
    except StoreError as problem:
        raise LostError(f"{len(told)} acknowledged, and: {problem}") from problem


def _judge_what_was_told(store: Store, told: list[Told]) -> None:
    runs = {run.id: run for run in store.runs.list(limit=None, depth="steps")}
    records = Counter(each.run_id for client in ("acme", "borealis") for each, _ in store.work.list(client))
    for what, run_id, *host in told:
        if run_id not in runs:
            raise LostError(f"run {run_id} is gone")
        if not _is_there(what, runs[run_id], host, records):
            raise LostError(f"{what} {run_id} {host} is gone")
    if not _keeps_its_evidence(store, told):
        raise LostError("the evidence of the last result is gone")
    if set(records.values()) - {1}:
        raise LostError("a work record is there twice")
    for client in ("acme", "borealis"):
        store.work.verify_chain(client)


def _keeps_its_evidence(store: Store, told: list[Told]) -> bool:
    last = next(
        ((run_id, host) for what, run_id, *host in reversed(told) if what == "record" and host != ["file1"]), None
    )
    if last is None:
        return True
    saved = _of(store.runs.read(last[0]), last[1]).result
    return saved is not None and saved.steps[1].evidence == rich_result(last[1][0]).steps[1].evidence


def _is_there(what: str, run: Run, hosts: list[str], records: Counter[str]) -> bool:
    match what:
        case "open":
            return len(run.hosts) == 3
        case "take":
            return bool(hosts)
        case "intend":
            return _of(run, hosts).outcome is not Outcome.DEFERRED
        case "record":
            saved, meant = _of(run, hosts).result, rich_result(hosts[0])
            return saved is not None and (
                saved.outcome is Outcome.UNKNOWN
                or (saved.findings(), saved.steps[1].measurements) == (meant.findings(), meant.steps[1].measurements)
            )
        case "close":
            return run.ended_at is not None and records[run.id] == 1
        case _:
            return _of(run, hosts).resolution is not None


def _of(run: Run, hosts: list[str]) -> HostState:
    return next(host for host in run.hosts if host.host_id == hosts[0])


def cut_again_and_again(acts: Tape, folder: Path, cuts: int, purpose: str) -> list[str]:
    """What was lost, by cut."""
    lost = []
    for at, files, told in cuts_of(acts, cuts, dice(purpose)):
        try:
            judge(files, told, folder / "after")
        except LostError as loss:
            lost.append(f"cut after call {at}: {loss}; {AGAIN}")
        subprocess.run(["rm", "-rf", "--", folder / "after"], check=True)
    return lost


def test_no_power_cut_loses_what_was_acknowledged(acts, memory):
    assert sum(isinstance(act, Acknowledged) for act in acts) == RUNS * PROMISES
    lost = cut_again_and_again(acts, memory, CUTS, "power")
    assert not lost, f"{len(lost)} of {CUTS}: {lost[:3]}"


def test_the_judge_sees_what_a_weaker_store_loses(memory):
    (memory / "weaker").mkdir()
    acts = recorded(memory / "weaker", "normal")
    lost = cut_again_and_again(acts, memory, size(12, 100), "weaker")
    assert len(lost) > size(12, 100) / 2, "synchronous=NORMAL may roll back what it acknowledged"


@pytest.mark.parametrize("forgotten", ["file", "folder"])
def test_the_judge_sees_a_sync_that_never_reached_the_disk(acts, memory, forgotten):
    lying = [act for act in acts if not (isinstance(act, Synced) and (act.name == "") == (forgotten == "folder"))]
    assert cut_again_and_again(lying, memory, 10, f"no {forgotten} synced")


def test_work_that_goes_on_after_failed_syncs_trusts_nothing_that_they_left(memory):
    """A sync that failed must not be tried again and believed: what it should have written is written anew."""
    (memory / "stubborn").mkdir()
    every_ninth = "inject=fdatasync:error=EIO:when=20+9"  # the first start is let through
    acts = recorded(memory / "stubborn", "stubborn", "-e", every_ninth)
    assert sum(isinstance(act, NotSynced) for act in acts) > 10
    assert sum(isinstance(act, Acknowledged) for act in acts) == RUNS * PROMISES
    lost = cut_again_and_again(acts, memory, size(25, 500), "failed syncs")
    assert not lost, f"{len(lost)}: {lost[:3]}"


def test_a_disk_keeps_what_was_synced_and_any_part_of_the_rest():
    left = set()
    for seed in range(200):
        disk = Disk()
        for act in (Made("a"), Written("a", 0, b"x" * 1024), Synced("a"), Synced(""), Cut("a", 512), Made("b")):
            disk.do(act)
        disk.do(Written("a", 500, b"y" * 600))
        files = disk.after_a_cut(Random(seed))  # noqa: S311  # to be repeated
        left.add((files["a"][:500] == b"x" * 500, files["a"][500:512], len(files["a"]), "b" in files))
    assert {whole for whole, *_ in left} == {True}
    assert {torn for _, torn, *_ in left} == {b"x" * 12, b"y" * 12}
    assert {length for *_, length, _ in left} >= {512, 1024, 1100}
    assert {made for *_, made in left} == {True, False}
