"""A disk that fails under the real store: one clear sentence, and nothing that was acknowledged is lost.

A full disk, a disk that became read-only, deleted files and damaged pages: `tests/store/test_sqlite_files.py`.
"""

import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from msp_ops.domain.errors import StoreError
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store
from tests.torture.bookkeeper import main as keep_books
from tests.torture.size import AGAIN, dice, size
from tests.torture.tape import strace
from tests.torture.test_power_cuts import judge

SYNCS = 45  # four runs make some more
CLIENTS = ("acme", "borealis")


@pytest.mark.parametrize("call", ["fsync", "fdatasync"])
def test_a_sync_that_fails_stops_the_work_in_words_and_loses_nothing(memory: Path, call: str):
    """Every attempt after the first failure would be a lie: the kernel forgets what it could not write."""
    chance = dice(f"a failing {call}")
    times = [1] if call == "fsync" else [1, *sorted(chance.sample(range(2, SYNCS), size(2, 40)))]
    for number in times:
        place = memory / f"{call}-{number}"
        (place / "state").mkdir(parents=True)
        told = place / "told"
        words = ["tests.torture.bookkeeper", f"sqlite:///{place}/state/store.db", str(told), "4", "full"]
        failing = [strace(), "-f", "-o", "/dev/null", "-e", f"inject={call}:error=EIO:when={number}+"]
        ended = subprocess.run(
            [*failing, sys.executable, "-m", *words], capture_output=True, text=True, check=False, timeout=120
        )
        assert ended.stderr.startswith("stopped: the store "), f"{call} {number}: {ended.stderr}; {AGAIN}"
        assert "its disk reports an error" in ended.stderr or "Input/output error" in ended.stderr
        assert ended.returncode == 1
        files = {each.name: each.read_bytes() for each in (place / "state").iterdir() if not each.name.endswith("-shm")}
        lines = told.read_text().splitlines() if told.exists() else []
        judge(files, [tuple(line.split()) for line in lines], place / "after")


@pytest.fixture(scope="module")
def books(memory: Path) -> Path:
    """A closed store with some runs."""
    place = memory / "books"
    place.mkdir()
    keep_books(f"sqlite:///{place}/store.db", memory / "books-told", 8, "full")
    return place


def everything(place: Path) -> list[object]:
    """Reads all that there is; the work records, which no damage may change unseen. StoreError says what is wrong."""
    with open_store(f"sqlite:///{place}/store.db", SystemClock()) as store:
        store.check()
        for run in store.runs.list(limit=None, depth="steps"):
            store.runs.read(run.id)
        store.findings.list(open_only=False)
        heads = [store.work.verify_chain(client) for client in CLIENTS]
        return [heads, [[work for work, _ in store.work.list(client)] for client in CLIENTS]]


def flip(file: Path, chance: Random, times: int) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(times):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def test_flipped_bits_are_refused_in_words_or_change_no_work_record(books: Path, memory: Path):
    whole = everything(books)
    for number in range(size(30, 600)):
        chance, place = dice(f"flips {number}"), memory / f"flipped-{number}"
        shutil.copytree(books, place)
        flip(place / "store.db", chance, chance.choice([1, 3, 10, 100]))
        with suppress(StoreError):
            assert everything(place) == whole, f"flips {number}; {AGAIN}"
        shutil.rmtree(place)


def test_a_store_whose_index_does_not_fit_is_refused_in_words(books: Path, memory: Path):
    shutil.copytree(books, memory / "refused")
    flip(memory / "refused" / "store.db", dice("many flips"), 2000)
    with pytest.raises(StoreError, match="it is damaged: stop every msp-ops"):
        everything(memory / "refused")
