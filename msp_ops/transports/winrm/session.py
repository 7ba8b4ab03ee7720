"""A session on one Windows host: deliver, commit, follow, collect, withdraw, cancel, forget."""

import hashlib
import re
import secrets
import threading
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from math import ceil
from types import TracebackType
from typing import Protocol, Self

from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.parcel import Lease, Parcel, RunAs
from msp_ops.transports.base import Answer, Collected, Limits
from msp_ops.transports.winrm.conversation import Conversation
from msp_ops.transports.winrm.frames import Frame, Frames
from msp_ops.transports.winrm.onwindows import SUPERVISOR, payload
from msp_ops.transports.winrm.shell import Shell
from msp_ops.transports.winrm.standing import read_count, read_exit, read_standing
from msp_ops.transports.winrm.trouble import Kind, Trouble

# a PowerShell starts in 0.3 to 1 s or more; a host under load takes longer
BRIEF = timedelta(seconds=60)
GRACE = timedelta(seconds=20)
UNTIL_KILLED = timedelta(seconds=90)
_A_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
Asked = dict[str, str | int | float]


class Way(Protocol):
    """What the session stands on, closed with it."""

    def close(self) -> None: ...


class WinRmSession:
    """See `transports.base.Session`. One question at a time.

    A look runs in the remote shell with the rights of the login, whatever it is asked to run as. `refused`: entered
    while a login that was refused is told.
    """

    def __init__(
        self, shell: Shell, limits: Limits, who: str, refused: AbstractContextManager[None], way: Way | None = None
    ) -> None:
        self._shell = shell
        self._limits = limits
        self._who = who
        self._refused = refused
        self._way = way
        self._one_at_a_time = threading.Lock()

    def ask(self, script: bytes, run_as: RunAs, timeout: timedelta) -> Answer:  # noqa: ARG002  # see the class
        seconds = max(1, ceil(timeout.total_seconds()))
        asked: Asked = {"seconds": seconds, "limit": self._limits.output_bytes}
        frame = self._one("ask", asked, script, timeout + GRACE)
        cut = read_count(frame.head.get("cut"))
        if cut is None or len(frame.body) > self._limits.output_bytes:
            raise LinkLost(f"{self._who} was asked, and its answer makes no sense")
        return Answer(exit_code=read_exit(frame.head.get("exit")), output=frame.body, cut=cut)

    def deliver(self, parcel: Parcel, script: bytes) -> None:
        self._tell("deliver", {"id": parcel.id, "sum": hashlib.sha256(script).hexdigest()}, script)

    def commit(self, parcel: Parcel, lease: Lease) -> None:
        if not _A_FILE_NAME.fullmatch(lease.store):
            raise ValueError(f"{lease.store!r} cannot name a store on a host")
        asked: Asked = {
            "id": parcel.id,
            "seconds": ceil(parcel.timeout.total_seconds()),
            "limit": self._limits.output_bytes,
            "store": lease.store,
            "token": lease.token,
            "run_as": parcel.run_as,
        }
        self._tell("commit", asked, SUPERVISOR.encode())

    def follow(
        self, parcel: Parcel, from_byte: int = 0, at_most: timedelta | None = None
    ) -> Generator[bytes, None, None]:
        most = min(at_most or parcel.timeout + GRACE, parcel.timeout + GRACE)
        asked: Asked = {"id": parcel.id, "from": from_byte, "most": ceil(most.total_seconds())}
        at = from_byte
        for frame in self._frames("follow", asked, b"", most + GRACE):
            if frame is None:
                yield b""
                continue
            if frame.head.get("at") != at:
                raise LinkLost(f"a part of what {self._who} said was lost on its way")
            at += len(frame.body)
            if frame.head.get("end"):
                return
            yield frame.body
        raise LinkLost(f"the link to {self._who} broke in the middle of an answer")

    def collect(self, parcel: Parcel) -> Collected:
        return self._standing("collect", parcel, BRIEF)

    def withdraw(self, parcel: Parcel) -> Collected:
        return self._standing("withdraw", parcel, BRIEF)

    def cancel(self, parcel: Parcel) -> Collected:
        return self._standing("cancel", parcel, UNTIL_KILLED)

    def forget(self, parcel: Parcel) -> None:
        self._tell("forget", {"id": parcel.id}, b"")

    def _standing(self, verb: str, parcel: Parcel, timeout: timedelta) -> Collected:
        frame = self._one(verb, {"id": parcel.id}, b"", timeout)
        if (standing := read_standing(frame)) is None:
            raise LinkLost(f"{self._who} was asked how {parcel.id} stands; its answer makes no sense")
        return standing

    def _tell(self, verb: str, asked: Asked, script: bytes) -> None:
        frame = self._one(verb, asked, script, BRIEF)
        if frame.head.get("done") is not True:
            raise LinkLost(f"{self._who} could not {verb} the script")

    def _one(self, verb: str, asked: Asked, script: bytes, timeout: timedelta) -> Frame:
        """The last frame is the answer."""
        *_, last = [None, *filter(None, self._frames(verb, asked, script, timeout))]
        assert last is not None  # noqa: S101  # without one `_frames` has raised
        return last

    def _frames(self, verb: str, asked: Asked, script: bytes, timeout: timedelta) -> Iterator[Frame | None]:
        nonce = secrets.token_hex(8)
        whole = payload(verb, {"nonce": nonce, **asked}, script)
        frames = Frames(nonce, 3 * self._limits.output_bytes)
        with self._one_at_a_time, self._told_in_our_words():
            conversation = Conversation(self._shell, whole, frames, timeout.total_seconds(), self._who)
            answered = False
            for frame in conversation.heard():
                answered = answered or frame is not None
                yield frame
            if not answered:
                told = conversation.said() or "nothing"
                hint = "; PowerShell is held in a constrained language mode there" if "language mode" in told else ""
                raise LinkLost(
                    f"{self._who} gave no answer to {verb}, or it was lost on its way; it said: {told}{hint}"
                )

    @contextmanager
    def _told_in_our_words(self) -> Iterator[None]:
        try:
            yield
        except Trouble as trouble:
            if trouble.kind is Kind.REFUSED:
                with self._refused:
                    raise NotReached(
                        f"{self._who} no longer takes the login. It was not tried again.", credential_refused=True
                    ) from None
            raise LinkLost(f"the link to {self._who} broke: {trouble.words}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._shell.close()
        finally:
            self._shell.hang_up()
            if self._way:
                self._way.close()
