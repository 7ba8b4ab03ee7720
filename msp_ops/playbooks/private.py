"""A folder for secrets: mode 0700, in memory, gone at the end; what a dead process left goes at the next start."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.playbooks.errors import PlaybookError
from msp_ops.playbooks.processes import end_all, marked

_IN_MEMORY = {"tmpfs", "ramfs"}
_LONGEST = 50  # characters: ssh makes sockets below it, and the kernel allows 107 for the path of one


@record
class Private:
    """`lock` is held while somebody works in it: our process, and the keeper that inherits it."""

    path: Path
    lock: int


@contextmanager
def private_folder(memory: Path) -> Iterator[Private]:
    """One for this playbook; everything that still runs for it is ended with it. Raises PlaybookError."""
    _check_memory(memory)
    room = memory / f"msp-ops-playbooks-{os.getuid()}"
    with _alone_in(room):
        _sweep(room)
        path = Path(tempfile.mkdtemp(dir=room, prefix=""))
        lock = _locked(path)
    assert lock is not None, "nobody else can know a folder that was just made"  # noqa: S101
    try:
        yield Private(path=path, lock=lock)
    finally:
        end_all(lambda: marked(path))
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _check_memory(memory: Path) -> None:
    if len(str(memory)) > _LONGEST:
        raise PlaybookError(
            f"{memory} is too long a path for the sockets of ssh; at most {_LONGEST} characters are right"
        )
    if not memory.is_dir() or _file_system(memory) not in _IN_MEMORY:
        raise PlaybookError(
            f"{memory} is not a folder in memory (tmpfs); passwords for Ansible are written nowhere else. "
            f"Mount a tmpfs there, or name another folder that is one"
        )


def _file_system(path: Path) -> str:
    """Its type: that of the longest mount point above; of several at one place the last counts."""
    real = path.resolve()
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    above = [(len(point), kind) for _, point, kind, *_ in mounts if real.is_relative_to(point)]
    longest = max(length for length, _ in above)
    return [kind for length, kind in above if length == longest][-1]


@contextmanager
def _alone_in(room: Path) -> Iterator[None]:
    """The only process that makes or sweeps folders there; anybody can write to memory, so it must be ours alone."""
    room.mkdir(mode=0o700, exist_ok=True)
    found = room.lstat()
    if room.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PlaybookError(
            f"{room} is not ours alone (owner {found.st_uid}, mode {found.st_mode & 0o777:04o}); remove it"
        )
    lock = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _sweep(room: Path) -> None:
    """Who held the lock is dead: the kernel let it go. What it started may still run."""
    for path in room.iterdir():
        if (lock := _locked(path)) is not None:
            end_all(lambda left=path: marked(left))  # type: ignore[misc]  # bound now, not at the end of the loop
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _locked(path: Path) -> int | None:
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
