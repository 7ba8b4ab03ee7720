"""Where these stores lie: a new file each, or a new database each on the server that the environment names."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from msp_ops.store import Store, open_store
from tests.store.cast import NOON, TestClock, TestMachine

SERVER = os.environ.get("MSP_OPS_TEST_DATABASE_URL")
sqlite_only = pytest.mark.skipif(SERVER is not None, reason="about SQLite's files")
postgresql_only = pytest.mark.skipif(SERVER is None, reason="needs MSP_OPS_TEST_DATABASE_URL")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    if SERVER is None:
        yield f"sqlite:///{tmp_path}/state/store.db"
        return
    name = f"msp_ops_{uuid4().hex}"
    server = create_engine(make_url(SERVER).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def dead() -> set[int]:
    """The numbers of the processes that have died."""
    return set()


Opener = Callable[..., Store]


@pytest.fixture
def opener(url: str, clock: TestClock, dead: set[int]) -> Iterator[Opener]:
    """Opens the same store as another process: `opener(pid=2)`."""
    opened: list[Store] = []

    def _open(pid: int = 1, boot: str | None = None, at: datetime = NOON) -> Store:
        seen = clock if boot is None else TestClock(at, boot)
        opened.append(open_store(url, seen, TestMachine(dead, pid)))
        return opened[-1]

    yield _open
    for each in opened:
        each.close()


@pytest.fixture
def store(opener: Opener) -> Store:
    return opener()
