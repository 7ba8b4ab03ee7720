"""A command that runs in a remote shell, as its handler sees it."""

import base64
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Stream = Literal["stdout", "stderr"]
_ENCODED = re.compile(r"powershell(?:\.exe)?\b.*?\s-e(?:nc\w*|c)?\s+([A-Za-z0-9+/=]+)", re.IGNORECASE | re.DOTALL)


def new_id() -> str:
    """As Windows spells them."""
    return str(uuid.uuid4()).upper()


@dataclass(slots=True)
class Command:
    """One command line. Its handler writes; whoever receives waits for it. `cancelled`: a signal or the shell's end."""

    line: str
    directly: bool = False
    id: str = field(default_factory=new_id)
    exit_code: int | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _said: list[tuple[Stream, bytes]] = field(default_factory=list)
    _given: bytearray = field(default_factory=bytearray)
    _given_all: bool = False

    @property
    def powershell(self) -> str | None:
        """The text behind `powershell -EncodedCommand`; None for any other line."""
        found = _ENCODED.search(self.line)
        return base64.b64decode(found[1]).decode("utf-16-le") if found else None

    def write(self, data: bytes, stream: Stream = "stdout") -> None:
        with self._changed:
            self._said.append((stream, data))
            self._changed.notify_all()

    def give(self, data: bytes, *, end: bool) -> None:
        """More standard input; after its end nothing is taken any more."""
        with self._changed:
            if not self._given_all:
                self._given += data
            self._given_all = self._given_all or end
            self._changed.notify_all()

    def read_input(self) -> bytes | None:
        """All of standard input, once it has ended; None when the command was ended before."""
        with self._changed:
            self._changed.wait_for(lambda: self._given_all or self.cancelled.is_set())
            return bytes(self._given) if self._given_all else None

    def end(self, exit_code: int) -> None:
        """The first exit code counts."""
        with self._changed:
            self.exit_code = exit_code if self.exit_code is None else self.exit_code
            self._changed.notify_all()

    def cancel(self) -> None:
        self.cancelled.set()
        self.end(1)

    def take(self, seconds: float, room: int) -> tuple[list[tuple[Stream, bytes]], bool] | None:
        """What it said, of at most `room` bytes, and whether that was all; None when it stayed silent for so long."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._said or self.exit_code is not None, seconds):
                return None
            taken: list[tuple[Stream, bytes]] = []
            while self._said and room > 0:
                stream, data = self._said.pop(0)
                if len(data) > room:
                    self._said.insert(0, (stream, data[room:]))
                taken.append((stream, data[:room]))
                room -= len(data) + 120
            return taken, self.exit_code is not None and not self._said


Handler = Callable[[Command], int]
"""What a command does: it writes, and returns the exit code."""
