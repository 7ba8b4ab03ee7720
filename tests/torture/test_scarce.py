"""What a run needs and does not get: no file handle, no secret, no store. Nothing begins, and that is said."""

import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from msp_ops.domain.errors import FileError, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.journeys.parts import Parts
from msp_ops.wiring import open_workspace
from tests.torture.host import host_alone
from tests.torture.mortal import carry_out
from tests.torture.size import FULL
from tests.torture.world import make_workspace, read_traces, settings_of

pytestmark = pytest.mark.wire
long = pytest.mark.skipif(not FULL, reason="takes half a minute: only by `make torture`")


@pytest.fixture(scope="module")
def host(memory):
    with host_alone(memory / "host") as host:
        yield host


@pytest.fixture
def place(host, tmp_path):
    (host.folder / "traces" / "effects").unlink(missing_ok=True)
    return make_workspace(tmp_path / "workspace", {"web1": host})


@pytest.fixture
def parts(place) -> Iterator[Parts]:
    with open_workspace(settings_of(place)) as parts:
        yield parts


def silent(*_words: str) -> None: ...


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Another program holds the store."""
    other = sqlite3.connect(place / ".state" / "store.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def few_handles() -> Iterator[None]:
    """No further file can be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_without_a_file_handle_the_host_is_not_touched_and_the_next_run_works(parts, host):
    carry_out(parts, "before", silent)
    with few_handles(), pytest.raises((StoreError, FileError)):
        carry_out(parts, "starved", silent)
    carry_out(parts, "after", silent)
    assert {run for run, _ in read_traces(host).begun} == {"before", "after"}
    assert parts.store.runs.read("after").outcome is Outcome.SUCCEEDED


def test_a_secret_that_is_not_there_is_told_before_anything_begins(place, host, monkeypatch):
    client = place / "clients" / "acme.yaml"
    client.write_text(client.read_text().replace('key: "file:', 'passphrase: "env:NOBODY_HAS_SET_IT", key: "file:'))
    with open_workspace(settings_of(place)) as parts, pytest.raises(FileError, match="NOBODY_HAS_SET_IT"):
        carry_out(parts, "r1", silent)
    with open_workspace(settings_of(place)) as parts:
        assert parts.store.runs.list() == []
    assert not read_traces(host).begun


@long
def test_a_store_that_is_locked_for_a_while_lets_no_change_begin(parts, place, host):
    with locked(place), pytest.raises(StoreError, match="another program holds it locked: wait"):
        carry_out(parts, "r1", silent)
    assert not read_traces(host).begun


@long
def test_a_store_that_is_locked_in_the_middle_of_a_change_loses_nothing(parts, place, host):
    run = Thread(target=carry_out, args=(parts, "r1", silent))
    run.start()
    deadline = time.monotonic() + 30
    while not read_traces(host).begun and time.monotonic() < deadline:
        time.sleep(0.01)
    with locked(place):
        time.sleep(20)  # longer than one try waits
    run.join(90)
    outcome = parts.store.runs.read("r1").outcome
    assert outcome is not None
    assert outcome is not Outcome.UNKNOWN
    assert (outcome is Outcome.SUCCEEDED) == (("r1", "second") in read_traces(host).ended)
