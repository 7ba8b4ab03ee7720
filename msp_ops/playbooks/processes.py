"""Ending everything that a playbook started: forks, ssh and its masters that left every group and session (Linux)."""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MARK = "PLAYBOOK_FOLDER"  # in the environment of all of them: the private folder's path
_TRACKERS = 2.0  # seconds for those that clean up by themselves
_LIMIT = 8.0
_AGAIN = 0.02


def below(pid: int) -> list[int]:
    """All descendants that live, whatever group or session they are in."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):  # it ends while we look
            state, parent, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
            if state not in {"Z", "X"}:
                children[int(parent)].append(int(stat.parent.name))
    found = list(children[pid])
    for each in found:
        found += children[each]
    return found


def marked(folder: Path) -> list[int]:
    """All other processes that were started for this folder, also when their parents are gone."""
    mark = f"{MARK}={folder}\0".encode()
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it ends while we look, or is another user's
            if mark in environ.read_bytes():
                found.append(int(environ.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def end_all(find: Callable[[], list[int]]) -> list[int]:
    """SIGKILL to all, again and again until none is left; who even that did not end, as another user's process.

    Python's trackers go last and by themselves: they remove the shared memory in which Ansible hands ssh a password.
    """
    begun_at = time.monotonic()
    while (left := find()) and (spent := time.monotonic() - begun_at) < _LIMIT:
        for pid in left:
            if spent > _TRACKERS or not _is_tracker(pid):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(_AGAIN)
    return left


def _is_tracker(pid: int) -> bool:
    try:
        return b"multiprocessing.resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
