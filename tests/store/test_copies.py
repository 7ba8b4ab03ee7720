"""A backup of a store that others go on using: whole and checked, or not there."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from msp_ops.domain.errors import StoreError
from msp_ops.store import Store, open_store
from msp_ops.store.sqlite_copy import copy_to_file
from tests.store.cast import KIM, TICKET, TestClock, plan, result
from tests.store.conftest import postgresql_only, sqlite_only

COPIES = """
import sys
from itertools import count
from pathlib import Path
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store
folder = Path(sys.argv[2])
with open_store(sys.argv[1], SystemClock()) as store:
    for number in count():
        store.copy(folder / f"{number}.db")
        print(number, flush=True)
"""


def opened(file: Path) -> Store:
    return open_store(f"sqlite:///{file}", TestClock())


@sqlite_only
def test_a_copy_is_one_file_that_opens_as_the_store_it_was(store: Store, tmp_path: Path):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.copy(tmp_path / "copy.db")
    store.journal.open_run("r2", plan("web1"), TICKET, KIM)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy.db"]
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    with opened(tmp_path / "copy.db") as copied:
        assert [run.id for run in copied.runs.list()] == ["r1"]


@sqlite_only
def test_others_write_on_while_it_is_copied(store: Store, tmp_path: Path):
    for number in range(20):
        store.journal.open_run(f"r{number}", plan("web1"), TICKET, KIM)
        store.copy(tmp_path / f"{number}.db")
        store.journal.record(f"r{number}", result("web1"))
    with opened(tmp_path / "19.db") as copied:
        assert len(copied.runs.list()) == 20


@sqlite_only
def test_nothing_is_overwritten(store: Store, tmp_path: Path):
    (tmp_path / "copy.db").write_text("another's")
    with pytest.raises(StoreError, match="is there already: nothing was overwritten"):
        store.copy(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "another's"


@sqlite_only
def test_what_a_copy_that_was_cut_off_left_is_taken_away(store: Store, tmp_path: Path):
    for name, hours in ((".other-name.db.0123.part", 7), (".another.db.4567.part", 1)):
        (tmp_path / name).write_text("half of it")
        now = (tmp_path / name).stat().st_mtime
        os.utime(tmp_path / name, (now - hours * 3600,) * 2)
    store.copy(tmp_path / "copy.db")
    left = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert left == [".another.db.4567.part", "copy.db"], "what was written to an hour ago may go on"
    with opened(tmp_path / "copy.db") as copied:
        assert copied.runs.list() == []


def test_two_copies_to_one_name_at_once_do_not_mix(tmp_path: Path):
    large = sqlite3.connect(tmp_path / "store.db")
    large.execute("CREATE TABLE filler (bytes)")
    large.executemany("INSERT INTO filler VALUES (randomblob(?))", [(100_000,)] * 400)
    large.commit()
    large.close()
    made, target = create_engine(f"sqlite:///{tmp_path}/store.db"), tmp_path / "copy.db"
    found: list[str] = []

    def copy_and_look() -> None:
        try:
            copy_to_file(made, target)
        except StoreError as refusal:
            found.append(str(refusal))
        else:
            with closing(sqlite3.connect(target)) as copied:
                found.append(copied.execute("PRAGMA integrity_check(1)").fetchone()[0])

    first, second = (threading.Thread(target=copy_and_look) for _ in range(2))
    first.start()
    deadline = time.monotonic() + 10
    while not list(tmp_path.glob(".copy.db*.part")) and time.monotonic() < deadline:
        pass
    second.start()
    first.join()
    second.join()
    assert sorted(found) == ["ok", f"the store cannot be copied to {target}: File exists; name another place"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "store.db"]


@sqlite_only
def test_a_place_that_is_not_there_says_so(store: Store, tmp_path: Path):
    with pytest.raises(StoreError, match=r"cannot be copied to .*: No such file or directory; name another place"):
        store.copy(tmp_path / "nowhere" / "copy.db")


@sqlite_only
def test_a_copy_that_was_killed_is_whole_or_not_there(url: str, store: Store, tmp_path: Path):
    for number in range(100):
        store.journal.open_run(f"r{number}", plan("web1"), TICKET, KIM)
    folder = tmp_path / "copies"
    folder.mkdir()
    argv = [sys.executable, "-c", COPIES, url, str(folder)]
    chance = random.Random(4)  # noqa: S311  # when to kill is no secret
    for _ in range(5):
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "0\n"
            time.sleep(chance.random() / 20)  # any moment is right
            process.kill()
        for file in folder.glob("[0-9]*.db"):
            with opened(file) as copied:
                assert len(copied.runs.list(limit=None)) == 100
        for file in folder.iterdir():
            file.unlink()


@postgresql_only
def test_a_server_is_backed_up_by_its_own_tools(store: Store, tmp_path: Path):
    with pytest.raises(StoreError, match="pg_dump"):
        store.copy(tmp_path / "copy")
