"""Writing a file so that it is there whole or not at all, also after a power cut."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from msp_ops.domain.errors import FileError


def replace_file(path: Path, content: str | bytes) -> None:
    """Puts the content in place of what was there; durable on return."""
    with _durable(path, content) as written:
        written.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        written.replace(path)


def create_file(path: Path, text: str) -> None:
    """A new file, durable on return; FileError when something of that name is there already."""
    with _durable(path, text) as written:
        written.chmod(0o644)
        try:
            path.hardlink_to(written)
        except FileExistsError as error:
            raise FileError(f"{path} exists already and is not overwritten; edit it, or choose another id") from error


def make_folder(folder: Path) -> None:
    """With the folders above it; FileError when that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder} cannot be made: {error.strerror}") from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One writer at a time among all processes that change files of this folder."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FileError(f"{folder} cannot be opened: {error.strerror}") from error
    try:
        flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _durable(path: Path, content: str | bytes) -> Iterator[Path]:
    """A synced file beside `path` for the caller to put in place; the folder is synced after that."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        written = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            yield written
            _sync_folder(path.parent)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
