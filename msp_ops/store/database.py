"""One door to the database: a read sees one moment, a write is alone and durable when it ends."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Protocol

from sqlalchemy import URL, ColumnElement, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from msp_ops.domain.errors import StoreError
from msp_ops.store import postgresql, sqlite
from msp_ops.store.columns import NONSENSE, UnreadableError

PATIENCE = timedelta(seconds=10)


class Kind(Protocol):
    """What differs between SQLite and PostgreSQL; each is a module."""

    BEATS_BY_DATABASE_CLOCK: bool
    WRITES: str

    def engine(self, url: URL, patience: timedelta) -> Engine: ...
    def start_reading(self, connection: Connection, /) -> None: ...
    def start_writing(self, connection: Connection, /) -> None: ...
    def moment(self, now: datetime, /) -> ColumnElement[datetime]: ...
    def was_begun(self, made: Engine, /) -> bool: ...
    def settle(self, made: Engine, /) -> None: ...
    def copy(self, made: Engine, target: Path, /) -> None: ...
    def check(self, made: Engine, /) -> None: ...
    def forgiving(self, connection: Connection, /) -> AbstractContextManager[None]: ...
    def meaning(self, error: BaseException | None) -> str: ...


class Database:
    """Threads of one process take turns here before they queue at the database, so none of them starves."""

    def __init__(self, url: str, patience: timedelta = PATIENCE) -> None:
        parsed = _parsed(url)
        self.name = parsed.render_as_string(hide_password=True)
        self.kind = _kind(parsed)
        self._patience = patience
        self._engine = self.kind.engine(parsed, patience)
        self._writer = self._engine.execution_options(**{self.kind.WRITES: True})
        self._turn = Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """All reads inside see the same moment. Whatever makes no sense there is the fault of what was read."""
        with self._readable(), self._engine.begin() as connection:
            self.kind.start_reading(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only writer; all or nothing, durable after the end of the block."""
        if not self._turn.acquire(timeout=self._patience.total_seconds()):
            raise StoreError(
                f"the store {self.name} is busy with other work of this program; nothing was saved, try again"
            )
        try:
            with self._in_words(), self._writer.begin() as connection:
                self.kind.start_writing(connection)
                yield connection
        finally:
            self._turn.release()

    def was_begun(self) -> bool:
        """Whether a store was begun at this place before, whatever is there now."""
        return self.kind.was_begun(self._engine)

    def settle(self) -> None:
        """After the tables are there, before anything is acknowledged."""
        with self._readable():
            self.kind.settle(self._engine)

    def check(self) -> None:
        """Whether the whole file can be read; StoreError says what is wrong."""
        with self._readable():
            self.kind.check(self._engine)

    def copy(self, target: Path) -> None:
        """One moment of it in a new file; StoreError says why not."""
        with self._in_words():
            self.kind.copy(self._engine, target)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Whatever a read raises is the fault of what was read."""
        try:
            with self._in_words():
                yield
        except NONSENSE as error:
            raise self._damaged(f"{type(error).__name__}: {error}") from error

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """No error of a driver reaches a person raw."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(f"the store {self.name} cannot be used: {self.kind.meaning(error.orig)}") from error
        except NoConnectionLeft as error:
            raise StoreError(f"the store {self.name} has no connection left: too much is going on at once") from error
        except UnreadableError as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, why: str) -> StoreError:
        """A value that is none of ours was changed on the disk: no checksum of a database says so."""
        return StoreError(
            f"the store {self.name} cannot be used: it is damaged, a value cannot be read ({why}): stop every msp-ops, "
            f"keep a copy for analysis and restore the last backup"
        )


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "the address of the store is not a URL; right are sqlite:////folder/store.db and postgresql://user@server/name"
        ) from error


def _kind(url: URL) -> Kind:
    match url.get_backend_name():
        case "sqlite":
            return sqlite
        case "postgresql":
            return postgresql
        case other:
            raise StoreError(
                f"a store cannot be kept in {other}; right are sqlite:////folder/store.db and postgresql://…"
            )
