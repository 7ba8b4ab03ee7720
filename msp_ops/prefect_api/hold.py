"""One embedded service a state folder: a lock that the kernel lets go when its holder dies."""

import fcntl
import json
import os
import pwd
from pathlib import Path
from typing import TextIO

from msp_ops.domain.clock import Clock
from msp_ops.prefect_api.errors import ServiceError


class Hold:
    """Taken with `take`, given back with `release`; the file says who holds it since when."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._held: TextIO | None = None

    def take(self) -> str | None:
        """ServiceError says who has it. Returns who had it before and ended without giving it back, or None."""
        held = os.fdopen(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        holder = _read(held)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            held.close()
            raise ServiceError(
                f"msp-ops up is already running here: {holder or 'it is just starting'}; "
                "stop it with Ctrl-C in its terminal, or with systemctl stop msp-ops"
            ) from error
        self._held = held
        self._write(
            {
                "pid": os.getpid(),
                "user": pwd.getpwuid(os.getuid()).pw_name,
                "since": f"{self._clock.now():%Y-%m-%d %H:%M:%SZ}",
            }
        )
        return holder

    def release(self) -> None:
        if self._held is not None:
            self._held.truncate(0)
            self._held.close()
            self._held = None

    def _write(self, said: dict[str, str | int]) -> None:
        assert self._held is not None  # noqa: S101  # for the type checker: called by take alone
        self._held.seek(0)
        self._held.truncate()
        json.dump(said, self._held)
        self._held.flush()


def _read(held: TextIO) -> str | None:
    try:
        said = json.load(held)
        return f"process {said['pid']} of {said['user']} since {said['since']}"
    except (ValueError, KeyError, TypeError):
        return None  # given back, or its holder died while writing
