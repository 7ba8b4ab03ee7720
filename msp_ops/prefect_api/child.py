"""A long-running process of ours: its own process group, its output in a file, gone when we are gone."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from msp_ops.prefect_api.errors import ServiceError
from msp_ops.prefect_api.waiting import wait_until

LEAVES_WITHIN = timedelta(seconds=5)
LOG_LIMIT = 10_000_000  # bytes; one older file is kept beside it


class Child:
    """Start it from a thread that lives as long as the service: the kernel ties a child to its parent's thread."""

    def __init__(
        self, name: str, program: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path
    ) -> None:
        self.name = name
        self.log = log
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".old"))
        tether = [sys.executable, "-m", "msp_ops.prefect_api.tether", str(os.getpid())]
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)) as output:
            self._process = subprocess.Popen(
                [*tether, *program],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
                umask=0o077,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """ServiceError with its last words when it has ended."""
        if self._has_ended():
            raise ServiceError(f"Prefect's {self.name} ended by itself; {self.log} says last:\n{self._last_words()}")

    def stop(self, limit: timedelta) -> None:
        """SIGTERM to what it started, then to itself; at the limit SIGKILL for all of its group.

        In this order, because a worker that ends kills its flows at once, and they need a second to leave in words.
        """
        if self._process.returncode is not None:
            return
        # not reaped yet, so the number of the group is still ours and nobody else's
        for other in self._others():
            with suppress(ProcessLookupError):
                os.kill(other, signal.SIGTERM)
        wait_until(lambda: not self._others(), LEAVES_WITHIN)
        if not self._has_ended():
            os.kill(self.pid, signal.SIGTERM)
            wait_until(self._has_ended, limit)
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def _has_ended(self) -> bool:
        """Looks without reaping."""
        if self._process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _others(self) -> list[int]:
        """Who else of its group lives."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError, ValueError):  # it ends while we look
                state, _parent, group, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
                if group == str(self.pid) and state not in {"Z", "X"}:
                    found.append(int(stat.parent.name))
        return [each for each in found if each != self.pid]

    def _last_words(self) -> str:
        with self.log.open(errors="replace") as lines:
            return "".join(deque(lines, maxlen=8)).strip()
