"""What is slow to make and the same for every lab: made once, under a name that says what it was made from."""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.folder import Folder


def digest(*parts: str) -> str:
    """A short name for these ingredients."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def own_sources() -> str:
    """Every file of the lab itself: an edit makes the quick parts anew."""
    here = Path(__file__).parent
    paths = [*here.glob("*.py"), *(here / "files").iterdir()]
    return "\0".join(path.read_text() for path in sorted(paths))


@record
class Cache:
    """A marked folder of finished entries, shared by all labs of this user."""

    folder: Folder
    say: Callable[[str], None]

    def entry(self, kind: str, tag: str) -> Path:
        return self.folder.path / f"{kind}-{tag}"

    def make(self, kind: str, tag: str, build: Callable[[Path], None]) -> Path:
        """The entry, built now if it is not there; a build that broke off leaves nothing that looks finished."""
        done = self.entry(kind, tag)
        if not done.is_dir():
            self.say(f"making the {kind} (kept in {self.folder.path})")
            unfinished = done.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o755)
            unfinished.chmod(0o755)
            build(unfinished)
            unfinished.rename(done)
        return done

    @contextlib.contextmanager
    def building(self) -> Iterator[None]:
        """One builder at a time."""
        self.folder.claim()
        with self._open("building.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def use(self) -> int:
        """A descriptor that says "in use" as long as any process has it open; to be taken while building."""
        lock = os.open(self.folder.path / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_SH)
        return lock

    def is_in_use(self) -> bool:
        """Whether a lab that is up stands on it."""
        with self._open("in-use.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def sweep(self, keep: set[Path]) -> None:
        """Remove entries that are not wanted any more, unless a lab may stand on one; to be called while building."""
        if not self.is_in_use():
            for entry in self.folder.path.iterdir():
                if entry.is_dir() and entry not in keep:
                    shutil.rmtree(entry)

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[int]:
        lock = os.open(self.folder.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield lock
        finally:
            os.close(lock)
