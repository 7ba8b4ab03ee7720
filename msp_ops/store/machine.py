"""The machine and the process we are, as others must recognise them later (Linux)."""

import os
import socket
from pathlib import Path
from typing import Protocol

from msp_ops.domain.record import record

_STATE, _START_TICKS = 0, 19  # of /proc/PID/stat, counted after the program name: its fields 3 and 22
_ENDED = {"Z", "X"}  # a zombie keeps its number and its start, and does nothing any more


@record
class ProcessIdentity:
    """A number alone is reused; with its start and its namespace it means one process of one boot."""

    machine: str
    pid: int
    start_ticks: int
    pid_namespace: int


class Machine(Protocol):
    """Where we look for processes; a test passes its own."""

    def this_process(self) -> ProcessIdentity:
        """Who we are."""
        ...

    def is_there(self, pid: int, start_ticks: int) -> bool:
        """Whether that very process of our own namespace still runs; True when nobody may tell."""
        ...


class ThisMachine:
    """The real one."""

    def this_process(self) -> ProcessIdentity:
        pid = os.getpid()
        return ProcessIdentity(
            machine=socket.gethostname(),
            pid=pid,
            start_ticks=int(_fields(pid)[_START_TICKS]),
            pid_namespace=Path("/proc/self/ns/pid").stat().st_ino,
        )

    def is_there(self, pid: int, start_ticks: int) -> bool:
        try:
            os.kill(pid, 0)
            fields = _fields(pid)
        except ProcessLookupError:
            return False
        except OSError:  # another user's process, or /proc is closed to us: its heartbeat decides
            return True
        return fields[_STATE] not in _ENDED and int(fields[_START_TICKS]) == start_ticks


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; the second, a name, may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
