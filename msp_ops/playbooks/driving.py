"""The keeper as our process sees it: started with pipes, asked, listened to, and ended whatever happens."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from msp_ops.playbooks import keys, setting
from msp_ops.playbooks.private import Private

_SIGN = 1.0  # seconds between signs of life
_TURN = 0.2  # seconds between two looks at whether to stop
_LEAVES_WITHIN = 20.0  # seconds for the keeper to end everything
_PIECE = 1 << 16


class Keeper:
    """Its pipes: what we write it obeys, our end is its end."""

    def __init__(self, private: Private, given: setting.Setting) -> None:
        self._log = private.path / "keeper.log"
        agent = ("ssh-agent", "-a", str(private.path / keys.AGENT)) if given.agent else ()
        argv = [*agent, sys.executable, "-m", "msp_ops.playbooks.keeper", str(private.path)]
        with os.fdopen(os.open(self._log, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as log:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(given.environment),
                pass_fds=(private.lock,),
                start_new_session=True,
                umask=0o077,
            )
        self._come = b""
        self._spoken = time.monotonic()

    def tell(self, word: str) -> None:
        """`look` or `run`, or a sign of life."""
        assert self._process.stdin  # noqa: S101  # it is a pipe
        self._process.stdin.write(f"{word}\n".encode())
        self._process.stdin.flush()
        self._spoken = time.monotonic()

    def answers(self) -> Iterator[Mapping[str, Any] | None]:
        """What it says, line by line; None now and then when it says nothing. Ends with the keeper."""
        assert self._process.stdout  # noqa: S101  # it is a pipe
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while True:
                self._live()
                if not selector.select(_TURN):
                    yield None
                    continue
                piece = os.read(self._process.stdout.fileno(), _PIECE)
                if not piece:
                    return
                *lines, self._come = (self._come + piece).split(b"\n")
                yield from (json.loads(line) for line in lines)

    def _live(self) -> None:
        """A keeper that hears nothing takes us for frozen, and ends everything."""
        stdin = self._process.stdin
        if stdin and not stdin.closed and time.monotonic() - self._spoken > _SIGN:
            with suppress(BrokenPipeError):  # it has ended: its answers say so
                self.tell(setting.ALIVE)

    def dismiss(self) -> None:
        """From here on it ends everything; its last answers can still be heard."""
        assert self._process.stdin  # noqa: S101  # it is a pipe
        self._process.stdin.close()

    def last_words(self) -> str:
        try:
            return (self._log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        except OSError:
            return "it said nothing"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin  # noqa: S101  # they are pipes
        assert self._process.stdout  # noqa: S101
        self._process.stdin.close()
        try:
            self._process.wait(_LEAVES_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
