"""A copy of an open SQLite store, whole or not there at all."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Engine

from msp_ops.domain.errors import StoreError

PART = ".part"
AT_REST = 6 * 3600  # seconds in which nobody wrote into it: whoever began it is dead


def copy_to_file(made: Engine, target: Path) -> None:
    """One moment of the store in one file, 0600, checked and on the disk before it has its name.

    Others go on reading and writing. StoreError when `target` is there, cannot be written, or the store is damaged;
    then nothing is there but what was before. A copy that was cut off is taken away by a later one in that folder.
    """
    part = target.with_name(f".{target.name}.{token_hex(4)}{PART}")  # of this copy alone: another may be on its way
    try:
        if target.exists():
            raise StoreError(f"{target} is there already: nothing was overwritten; name another file")
        _begin(part)
        _fill(made, part)
        _give_its_name(part, target)
    except OSError as error:
        raise StoreError(f"the store cannot be copied to {target}: {error.strerror}; name another place") from error
    except sqlite3.Error as error:
        raise StoreError(f"the store cannot be copied to {target}: {error}; is its disk full?") from error
    finally:
        part.unlink(missing_ok=True)


def _begin(part: Path) -> None:
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    now = part.stat().st_mtime
    for left in part.parent.glob(f".*.db.*{PART}*"):  # SQLite's own file beside it too
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < now - AT_REST:
                left.unlink()


def _fill(made: Engine, part: Path) -> None:
    with closing(sqlite3.connect(part)) as copied, made.connect() as connection:
        source = connection.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise TypeError(f"{source} is no connection to SQLite")
        source.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")  # everything in the one file
        answer = copied.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if answer != "ok":
        raise StoreError(f"the store {made.url.database} is damaged, so it was not copied: {answer}")


def _give_its_name(part: Path, target: Path) -> None:
    """A link never overwrites, so nobody's file is lost to a race."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    target.hardlink_to(part)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
