"""PostgreSQL as we use it: for more than one machine.

Writers take turns as they do in SQLite, so every rule of the store holds in both for the same reason.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, ColumnElement, Connection, Engine, create_engine, func, text

from msp_ops.domain.errors import StoreError
from msp_ops.store.columns import UtcDateTime

BEATS_BY_DATABASE_CLOCK = True
WRITES = "msp_ops_writes"
_TURN = 0x6D73702D6F7073  # one advisory lock for the store's only writer
_MEANINGS = {
    "53100": "its disk is full: make room, then try again",
    "55P03": "another program holds it locked: wait for that program to end, then try again",
    "25006": "it is read-only: connect to the primary server",
    "42501": "this user may not write it: grant the rights on its tables",
    "28": "the server refuses this user or password: correct the address of the store",
    "3D000": "there is no such database: create it",
    "XX001": "it is damaged: stop every msp-ops and restore the last backup",
    "": "the server does not answer: start it or correct the address of the store",
}


def engine(url: URL, patience: timedelta) -> Engine:
    """An engine with psycopg 3; StoreError when it is not installed."""
    waits = f"-c lock_timeout={int(patience.total_seconds() * 1000)} -c synchronous_commit=on -c timezone=UTC"
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"options": waits, "connect_timeout": max(2, int(patience.total_seconds()))},
        )
    except ModuleNotFoundError as error:
        raise StoreError("a store in PostgreSQL needs its driver: pip install 'msp-ops[postgresql]'") from error


def start_reading(connection: Connection) -> None:
    """One snapshot for all reads of a question."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


def start_writing(connection: Connection) -> None:
    """Wait for our turn; it ends with the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def moment(_now: datetime) -> ColumnElement[datetime]:
    """The server's clock: the only one that all machines share."""
    return func.clock_timestamp(type_=UtcDateTime())


def was_begun(_made: Engine) -> bool:
    """A database that is gone is no database to connect to: the server says so."""
    return False


def settle(_made: Engine) -> None:
    """The server looks after its own files."""


def check(_made: Engine) -> None:
    """The server looks after its own pages."""


@contextmanager
def forgiving(_connection: Connection) -> Iterator[None]:
    """The server keeps no text that cannot be read."""
    yield


def copy(_made: Engine, _target: Path) -> None:
    """StoreError: PostgreSQL has its own way."""
    raise StoreError("a store in PostgreSQL is backed up by its own tools: pg_dump, or a copy of the server's archive")


def meaning(error: BaseException | None) -> str:
    """What an error of the driver means for the person who reads it."""
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith(("08", "57P")):
        state = ""
    return next(
        (words for code, words in _MEANINGS.items() if (code and state.startswith(code)) or code == state), f"{error}"
    )
