"""One question: a launcher is started, its input sent whole, its answer heard to the end. It begins at most once.

The launcher runs nothing before all of its input is there and its hash is right. So the last piece is the point of no
return: everything before it may be done again, and after it nothing is started any more.
"""

import time
from collections.abc import Iterator

from msp_ops.domain.errors import LinkLost
from msp_ops.transports.last_words import last_words
from msp_ops.transports.winrm.clixml import errors_in
from msp_ops.transports.winrm.frames import Frame, Frames
from msp_ops.transports.winrm.messages import Received
from msp_ops.transports.winrm.shell import Shell
from msp_ops.transports.winrm.trouble import Kind, Trouble

PIECE = 100_000  # bytes; an envelope takes 150 kB, and base64 makes four bytes of three
NOT_WHOLE = 97  # what the launcher ends with
MOST_STDERR = 64 * 1024
_TRIES = 3


class Conversation:
    """`payload`: of `onwindows`. `seconds`: how long it may take; beyond that it is stopped there."""

    def __init__(self, shell: Shell, payload: bytes, frames: Frames, seconds: float, who: str) -> None:
        self._shell = shell
        self._pieces = [payload[at : at + PIECE] for at in range(0, len(payload), PIECE)]
        self._frames = frames
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds
        self._who = who
        self._stderr = b""
        self._doubtful_since: float | None = None

    def heard(self) -> Iterator[Frame | None]:
        """Its frames as they come; None is a sign of life. Raises LinkLost, Trouble."""
        command = self._begin()
        over = False
        try:
            for received in self._received(command):
                if received is None:
                    yield None
                    continue
                yield from self._frames.feed(received.stdout)
                self._stderr = (self._stderr + received.stderr)[:MOST_STDERR]
                if received.done:
                    over = True
                    self._check(received.exit_code)
        finally:
            self._shell.end(command)
            if not over and not self._shell.is_silent:
                self._shell.close()  # with everything that still runs in it

    def said(self) -> str:
        """What a person may want to know where no answer came."""
        return " ".join(last_words(errors_in(self._stderr).encode() or self._frames.noise).split())

    def _begin(self) -> str:
        for _ in range(_TRIES):
            command = self._shell.start()
            if self._give_all(command):
                return command
            self._shell.end(command)
        raise LinkLost(f"the script could not be brought to {self._who} whole; it was not run")

    def _give_all(self, command: str) -> bool:
        """False: the host has not all of it, and nothing runs."""
        try:
            for piece in self._pieces[:-1]:
                self._shell.give(command, piece, end=False)
        except Trouble as trouble:
            if trouble.kind in {Kind.LOST, Kind.SILENT, Kind.SHELL_GONE, Kind.COMMAND_GONE}:
                return False
            raise
        self._doubtful_since = None if self._give_last(command) else time.monotonic()
        return True

    def _give_last(self, command: str) -> bool:
        """Whether the host is known to have it."""
        try:
            self._shell.give(command, self._pieces[-1], end=True)
        except Trouble as trouble:
            if trouble.kind in {Kind.LOST, Kind.SILENT}:
                return False
            raise
        return True

    def _received(self, command: str) -> Iterator[Received | None]:
        while True:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise LinkLost(f"{self._who} did not finish within {self._seconds:.0f} s and was stopped")
            received = self._shell.receive(command, left)
            if received is not None:
                self._doubtful_since = None
            yield received
            if received is not None and received.done:
                return
            self._settle_doubt(command)

    def _settle_doubt(self, command: str) -> None:
        """The answer to the last piece was lost, and the host is silent: it may still wait for it.

        The same process reads its input to the end once. Had it come, more input is refused; had it not, this is it.
        """
        if self._doubtful_since is None or time.monotonic() - self._doubtful_since < self._shell.operation_seconds:
            return
        self._doubtful_since = None
        try:
            self._shell.give(command, self._pieces[-1], end=True)
        except Trouble as trouble:
            if trouble.kind not in {Kind.OTHER, Kind.LOST, Kind.SILENT, Kind.COMMAND_GONE, Kind.BUSY}:
                raise

    def _check(self, exit_code: int | None) -> None:
        if exit_code == NOT_WHOLE:
            raise LinkLost(f"the script did not reach {self._who} whole; it was not run")
