"""Whether a host is still in its client's file while a run goes on: taken out, it is not to be touched any more."""

from contextlib import suppress
from pathlib import Path
from threading import Lock

from msp_ops.domain.client import Client
from msp_ops.domain.errors import FileError
from msp_ops.files.client_file import load_unpinned
from msp_ops.files.workspace import client_path

Stamp = tuple[int, int, int]  # which file, when it was written, its length


class Listed:
    """Looks at the file again only when it was written; of all that changed in it only who has left counts.

    A file that cannot be read for now, as while somebody writes it, has taken nobody out.
    """

    def __init__(self, root: Path, client: Client) -> None:
        self._path = client_path(root, client.id)
        self._lock = Lock()
        self._read = self._stamp()
        self._hosts = frozenset(host.id for host in client.hosts())

    def has_left(self, host_id: str) -> str | None:
        """Why the host is not to begin, or None."""
        with self._lock:
            self._look_again()
            if host_id in self._hosts:
                return None
            return f"it was taken out of {self._path.name} after this run had begun"

    def _look_again(self) -> None:
        found = self._stamp()
        if found == self._read:
            return
        with suppress(FileError):
            self._hosts = frozenset(host.id for host in load_unpinned(self._path).hosts()) if found else frozenset()
            self._read = found

    def _stamp(self) -> Stamp | None:
        """None: there is no such file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
