"""What SQLite's files must survive, and what a person reads when they cannot be used."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.errors import StoreError
from msp_ops.store import Store, open_store, upgrade_store
from msp_ops.store.database import Database
from tests.store.cast import KIM, TICKET, TestClock, plan, result, rich_result
from tests.store.conftest import Opener, sqlite_only

pytestmark = sqlite_only


@pytest.fixture
def file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def pragma(database: Database, name: str) -> object:
    with database.writing() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_every_connection_is_durable_and_keeps_references(opener: Opener, url: str):
    opener()
    database = Database(url)
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    assert [pragma(database, name) for name in names] == ["wal", 2, 1, 10_000]
    database.close()


def test_a_write_holds_the_lock_from_its_first_moment(opener: Opener, url: str, file: Path):
    opener()
    database = Database(url)
    other = sqlite3.connect(file, timeout=0)
    with database.writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    database.close()


def test_the_folder_is_on_disk_before_the_first_acknowledgement(tmp_path: Path):
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("needs strace")
    url = f"sqlite:///{tmp_path}/state/store.db"
    program = (
        "import sys, os; from msp_ops.store import open_store; from tests.store.cast import TestClock\n"
        f"open_store({url!r}, TestClock()); os.write(1, b'acknowledged')"
    )
    log = tmp_path / "calls"
    traced = [strace, "-f", "-y", "-e", "trace=fsync,fdatasync,write", "-o", str(log), sys.executable, "-c", program]
    subprocess.run(traced, check=True, capture_output=True)
    calls = log.read_text().splitlines()
    answered = next(number for number, call in enumerate(calls) if "acknowledged" in call)
    assert any("fsync" in call and f"{tmp_path}/state>" in call for call in calls[:answered])


def test_nobody_else_may_read_the_store(store: Store, file: Path):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    files = list(file.parent.iterdir())
    assert len(files) == 4
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}


def test_a_file_that_others_could_read_is_made_private(opener: Opener, file: Path):
    opener().close()
    file.chmod(0o644)
    opener()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_store_that_another_program_holds_locked_says_so(opener: Opener, url: str, file: Path):
    opener()
    database = Database(url, patience=timedelta(milliseconds=50))
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program holds it locked: wait"), database.writing():
        pass
    holder.execute("ROLLBACK")
    holder.close()
    with database.writing():
        pass
    database.close()


def test_a_second_thread_waits_for_its_turn_and_then_says_so(opener: Opener, url: str):
    opener()
    database = Database(url, patience=timedelta(milliseconds=50))
    refused = pytest.raises(StoreError, match="busy with other work of this program")
    with database.writing(), refused, database.writing():
        pass
    database.close()


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(address: str):
    with pytest.raises(StoreError, match="forgets everything: name a file"):
        open_store(address, TestClock())


@pytest.mark.parametrize(
    ("address", "why"), [("store.db", "not a URL"), ("mysql://server/x", "cannot be kept in mysql")]
)
def test_an_address_that_means_nothing_is_refused(address: str, why: str):
    with pytest.raises(StoreError, match=why):
        open_store(address, TestClock())


def test_a_file_that_is_no_store_is_refused(tmp_path: Path):
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(StoreError, match="the file is not a store of msp-ops"):
        open_store(f"sqlite:///{tmp_path}/letter.db", TestClock())


def test_a_place_where_no_folder_can_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot be opened: .*; choose a place that this user may write"):
        open_store(f"sqlite:///{tmp_path}/file/store.db", TestClock())


def test_a_damaged_store_is_refused_at_the_door(opener: Opener, url: str, file: Path):
    store = opener()
    for number in range(20):
        store.journal.open_run(f"r{number}", plan("web1"), TICKET, KIM)
    store.close()
    whole = bytearray(file.read_bytes())
    for page in range(8, len(whole) // 4096):
        whole[page * 4096 : page * 4096 + 64] = b"\xa5" * 64
    file.write_bytes(whole)
    with pytest.raises(StoreError, match=r"it is damaged: stop every msp-ops.*restore the last backup"):
        open_store(url, TestClock())


def test_a_store_that_was_deleted_is_missed_and_begun_anew_only_on_purpose(opener: Opener, url: str, file: Path):
    opener().close()
    file.unlink()
    for use in (lambda: open_store(url, TestClock()), lambda: upgrade_store(url)):
        with pytest.raises(StoreError, match=r"is missing, and there was one.* backup.*delete .*/store.db.begun"):
            use()
        assert not file.exists(), "a file that is not there is easier to put back"
    file.with_name("store.db.begun").unlink()
    assert opener().runs.list() == []


def test_an_emptied_store_is_missed(opener: Opener, url: str, file: Path):
    opener().close()
    file.write_bytes(b"")
    for use in (lambda: open_store(url, TestClock()), lambda: upgrade_store(url)):
        with pytest.raises(StoreError, match=r"is empty, and it was not: put its last backup there"):
            use()


def test_a_store_that_was_put_back_elsewhere_is_used(opener: Opener, file: Path, tmp_path: Path):
    opener().close()
    (tmp_path / "copy.db").write_bytes(file.read_bytes())
    open_store(f"sqlite:///{tmp_path}/copy.db", TestClock()).close()


@pytest.mark.parametrize("gone", ["store.db", "store.db-wal"])
def test_files_that_were_deleted_under_an_open_store_are_noticed(store: Store, file: Path, gone: str):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    file.with_name(gone).unlink()
    with pytest.raises(StoreError, match="was moved or deleted while it was open"):
        store.journal.record("r1", result("web1"))


def test_a_place_that_cannot_be_written_says_so(small_disk: Path):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StoreError, match=r"cannot be opened: Read-only file system; choose a place"):
        open_store(f"sqlite:///{small_disk}/state/store.db", TestClock())


def test_a_folder_in_which_nothing_can_be_made_says_so(opener: Opener, url: str, file: Path):
    opener().close()
    file.with_name("store.db.begun").unlink()
    file.with_name("store.db.begun").symlink_to("/proc/nothing/here")
    with pytest.raises(StoreError, match=r"nothing can be written beside the store .*: No such file"):
        open_store(url, TestClock())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if os.getuid() != 0 or mount is None:
        pytest.skip("needs root to mount a small disk")
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=700k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(store: Store, acknowledged: list[str]) -> None:
    for number in range(1000):
        store.journal.open_run(f"r{number}", plan("web1"), TICKET, KIM)
        store.journal.record(f"r{number}", rich_result("web1"))
        acknowledged.append(f"r{number}")


def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(small_disk: Path):
    url = f"sqlite:///{small_disk}/store.db"
    ballast = small_disk / "ballast"
    acknowledged: list[str] = []
    with open_store(url, TestClock()) as store:
        ballast.write_bytes(bytes(100_000))
        with pytest.raises(StoreError, match=r"its disk is full: make room, then try again"):
            fill(store, acknowledged)
        assert acknowledged
        ballast.unlink()
        store.journal.open_run("later", plan("web1"), TICKET, KIM)
    with open_store(url, TestClock()) as store:
        store.check()
        runs = {run.id: run for run in store.runs.list(limit=None)}
        assert {*acknowledged, "later"} <= set(runs)
        assert all(runs[each].hosts[0].result is not None for each in acknowledged)


def test_a_write_that_the_system_cuts_short_says_so_and_loses_nothing(url: str):
    program = (
        "import resource, sys; from msp_ops.store import open_store; from msp_ops.domain.errors import StoreError\n"
        "from tests.store.cast import *\n"
        "store = open_store(sys.argv[1], TestClock())\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))\n"
        "try:\n"
        "    for number in range(10_000):\n"
        "        store.journal.open_run(f'r{number}', plan('web1'), TICKET, KIM); print(f'r{number}', flush=True)\n"
        "except StoreError as error: print(error)"
    )
    cut = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=True, timeout=60)
    *acknowledged, message = cut.stdout.splitlines()
    assert "its disk reports an error" in message
    with open_store(url, TestClock()) as store:
        store.check()
        assert set(acknowledged) <= {run.id for run in store.runs.list(limit=None)}


def test_a_disk_that_became_read_only_says_so(small_disk: Path):
    with open_store(f"sqlite:///{small_disk}/store.db", TestClock()):
        pass
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StoreError, match=r"cannot be (opened|written|used)"):
        open_store(f"sqlite:///{small_disk}/store.db", TestClock())
