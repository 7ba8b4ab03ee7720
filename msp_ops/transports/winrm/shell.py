"""One remote shell over one protocol: the six operations, each repeated only as far as that can do no harm."""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

from winrm.protocol import Protocol

from msp_ops.transports.winrm.messages import Messages, Received
from msp_ops.transports.winrm.onwindows import COMMAND
from msp_ops.transports.winrm.trouble import NEW_CONNECTION, Kind, Trouble, trouble_of
from msp_ops.transports.winrm.wire import CarefulTransport

T = TypeVar("T")
# Windows closes a connection that was idle for two minutes; what is sealed for it is answered with 400 for ever
STILL_FRESH = 60.0
# seconds before each further try
_PAUSES = {
    Kind.STALE: (0.0, 0.5),
    Kind.LOST: (0.1, 1.0),
    Kind.SILENT: (0.1, 1.0),
    Kind.UNAVAILABLE: (1.0, 2.0, 4.0),
    Kind.BUSY: (5.0, 5.0, 5.0),  # as ansible's connection plug-in waits
    Kind.SHELLS: (0.2, 0.5, 1.0, 2.0, *[4.0] * 29),  # two minutes: others give theirs back
}
_HURRY = (1.0, 2.0)
_HARMLESS = {Kind.LOST, Kind.SILENT}


class Shell:
    """Opened when it is first needed, closed by `close`. Used by one thread at a time; raises Trouble."""

    def __init__(self, protocol: Protocol, nap: Callable[[float], None] = time.sleep) -> None:
        self._protocol = protocol
        self._messages = Messages(protocol)
        self._nap = nap
        self._id: str | None = None
        self._last = float("-inf")
        self._silent = False
        self._operation_seconds = int(protocol.operation_timeout_sec)

    @property
    def operation_seconds(self) -> int:
        """How long the host may be silent before it says that nothing happened."""
        return self._operation_seconds

    @property
    def is_silent(self) -> bool:
        """Nothing came back the last time."""
        return self._silent

    def log_in(self) -> Trouble | None:
        """Open it, as far as the login goes. Raises what says nothing of it; returns what came after a good one.

        A refused login is not shown again, nor one of which nobody knows whether it was refused.
        """
        try:
            self._repeated(self._create, twice=True, but=_AFTER_LOGIN)
        except Trouble as trouble:
            if trouble.kind in _AFTER_LOGIN:
                return trouble
            raise
        return None

    def open(self) -> str:
        """Its id, as it stands in every operation."""
        if self._id is None:
            self._repeated(self._create, twice=True)
        assert self._id is not None  # noqa: S101  # `_create` has set it
        return self._id

    def start(self) -> str:
        """A launcher that waits for its input, which is harmless: the id of its command."""
        for last in (False, True):
            try:
                return self._repeated(self._command, twice=True)
            except Trouble as trouble:
                if last or trouble.kind not in {Kind.SHELL_GONE, Kind.OPERATIONS}:
                    raise
                self.close() if trouble.kind is Kind.OPERATIONS else self._gone()
        raise AssertionError("two tries have an end")

    def give(self, command: str, piece: bytes, *, end: bool) -> None:
        """A piece of its input, never twice unless the host cannot have taken it."""
        self._repeated(lambda: self._messages.send(self.open(), command, piece, end=end), twice=False)

    def receive(self, command: str, at_most: float) -> Received | None:
        """None: it said nothing for `at_most` seconds, or the time that one operation may take."""
        self._protocol.operation_timeout_sec = max(1, min(self._operation_seconds, int(at_most)))
        try:
            return self._repeated(lambda: self._messages.receive(self.open(), command), twice=True, but={Kind.SILENT})
        except Trouble as trouble:
            if trouble.kind is Kind.SILENT:
                return None
            if trouble.kind is Kind.SHELL_GONE:
                self._gone()
            raise
        finally:
            self._protocol.operation_timeout_sec = self._operation_seconds

    def end(self, command: str) -> None:
        """Stop it, if it still runs, and let the host forget it. Of a host that is silent nothing more is asked."""
        with suppress(Trouble):
            if self._silent:
                return
            self._repeated(lambda: self._messages.terminate(self.open(), command), twice=True)

    def close(self) -> None:
        """Everything in it ends. What cannot be told to the host, it does by itself after 15 minutes."""
        shell_id, self._id = self._id, None
        if shell_id is not None:
            if self._silent:
                self._hurry()
            self._delete(shell_id)

    def hang_up(self) -> None:
        self._protocol.transport.close_session()

    def _is_let_in(self) -> bool:
        """Before that, a connection that breaks may be a login that was refused."""
        transport = self._protocol.transport
        return not isinstance(transport, CarefulTransport) or transport.let_in

    def _hurry(self) -> None:
        """Who waits for the news that the link is dead does not wait for its farewell too."""
        transport = self._protocol.transport
        if isinstance(transport, CarefulTransport):
            transport.timeouts = _HURRY

    def _gone(self) -> None:
        self._id = None

    def _create(self) -> None:
        """We name it: after a lost answer we can remove what nobody would know of (WSManCreateShellEx, since 2012)."""
        name = str(uuid.uuid4()).upper()
        try:
            self._id = self._messages.create(name)
        except Exception as error:  # noqa: BLE001  # a boundary: `trouble_of` knows them all
            trouble = self._met(error)
            if trouble.kind in _HARMLESS and self._is_let_in():
                self._delete(name)
            raise trouble from None

    def _delete(self, shell_id: str) -> None:
        with suppress(Trouble):
            self._repeated(lambda: self._messages.delete(shell_id), twice=True)

    def _command(self) -> str:
        return self._messages.command(self.open(), COMMAND)

    def _repeated(self, act: Callable[[], T], *, twice: bool, but: frozenset[Kind] | set[Kind] = frozenset()) -> T:
        """`twice`: doing it a second time does no harm. `but`: what is raised at once."""
        pauses: dict[Kind, Iterator[float]] = {}
        while True:
            if time.monotonic() - self._last > STILL_FRESH:
                self.hang_up()
            try:
                done = act()
            except Exception as error:  # noqa: BLE001  # a boundary: `trouble_of` knows them all
                trouble = self._met(error)
                harmless = twice and trouble.kind in _HARMLESS and self._is_let_in()
                if trouble.kind in but or not (trouble.not_done or harmless):
                    raise trouble from None
                left = pauses.setdefault(trouble.kind, iter(_PAUSES.get(trouble.kind, ())))
                if (pause := next(left, None)) is None:
                    raise trouble from None
                self._nap(pause * random.uniform(0.8, 1.2))  # noqa: S311  # so that many do not come back at once
            else:
                self._last = time.monotonic()
                self._silent = False
                return done

    def _met(self, error: Exception) -> Trouble:
        trouble = trouble_of(error)
        self._silent = trouble.kind in {Kind.DEAD, Kind.UNREACHABLE}
        if trouble.kind in NEW_CONNECTION:
            self.hang_up()
        return trouble


_AFTER_LOGIN = {
    Kind.DENIED, Kind.SHELL_GONE, Kind.COMMAND_GONE, Kind.SHELLS, Kind.OPERATIONS, Kind.TOO_LONG, Kind.NOT_FOUND,
    Kind.BUSY, Kind.SILENT, Kind.OTHER,
}  # fmt: skip
