"""One question on an open link: a command, its standard input, and the framed answer with a limit on everything."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import timedelta
from shlex import quote

import paramiko

from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.record import record
from msp_ops.transports.base import Limits
from msp_ops.transports.frames import Frames
from msp_ops.transports.last_words import last_words
from msp_ops.transports.onhost import LOADER
from msp_ops.transports.ssh.link import whatever_it_met


@record
class Sudo:
    """How to become root: not at all (already root), without a password, or with one.

    `trial` is entered when the host asks for the password, before it is given; it may forbid that.
    """

    needed: bool
    password: str | None = None
    trial: Callable[[], AbstractContextManager[None]] = nullcontext


@record
class Question:
    """A payload for the loader."""

    payload: bytes
    sudo: Sudo | None
    timeout: timedelta


class Conversation:
    """The framed answer to one question, chunk by chunk."""

    def __init__(self, link: paramiko.Transport, question: Question, limits: Limits, who: str) -> None:
        self.frames = Frames(nonce=secrets.token_hex(8), tag=secrets.token_hex(4))
        self._question = question
        self._limits = limits
        self._who = who
        self._heard = b""  # until the loader begins
        self._deadline = time.monotonic() + (question.timeout + limits.silence).total_seconds()
        self._channel = self._open(link)

    def chunks(self) -> Iterator[bytes]:
        """The answer's bytes as they come; an empty chunk is a sign of life, every 3 s at least.

        Raises LinkLost on silence, a closed link or the deadline.
        """
        try:
            self._send()
            while not self.frames.ended:
                yield self.frames.feed(self._receive())
        finally:
            self._channel.close()

    def _open(self, link: paramiko.Transport) -> paramiko.Channel:
        try:
            with whatever_it_met():
                channel = link.open_session(timeout=self._limits.silence.total_seconds())
                channel.set_combine_stderr(True)
                channel.settimeout(self._limits.silence.total_seconds())
                channel.exec_command(self._command())
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise LinkLost(f"the link to {self._who} broke: {_words(error)}") from None
        return channel

    def _command(self) -> str:
        payload = self._question.payload
        digest = hashlib.sha256(payload).hexdigest()
        run = f"sh -c {quote(LOADER)} msp-ops {self.frames.tag} {len(payload)} {digest}"
        match self._question.sudo:
            case Sudo(needed=True, password=None):
                return f"exec sudo -n -- {run}"
            case Sudo(needed=True):
                return f"exec sudo -k -S -p {self._prompt.decode()} -- {run}"
            case _:
                return f"exec {run}"

    @property
    def _prompt(self) -> bytes:
        return f"sudo-{self.frames.tag}:".encode()

    def _send(self) -> None:
        sudo = self._question.sudo
        if sudo and sudo.password is not None:
            self._become_root(sudo, sudo.password)
        with suppress(OSError):  # the other side is gone already; what it said comes with the next read
            self._channel.sendall(f"{self.frames.nonce}\n".encode() + self._question.payload)
            self._channel.shutdown_write()

    def _become_root(self, sudo: Sudo, password: str) -> None:
        """Where sudo does not ask, the password is neither shown nor proved."""
        if self._prompted(1):
            with sudo.trial():
                with suppress(OSError):  # as above
                    self._channel.sendall(password.encode() + b"\n")
                if self._prompted(2):
                    raise NotReached(
                        f"{self._who} refused the sudo password. It was not tried again.", credential_refused=True
                    )

    def _prompted(self, times: int) -> bool:
        """Whether sudo has asked so often, before our loader began.

        A second time means that the password was refused, and every further answer would count as a try.
        """
        asked_until = time.monotonic() + self._limits.login.total_seconds()
        while self._heard.count(self._prompt) < times:
            if self.frames.ready:
                return False
            if time.monotonic() > asked_until:
                raise NotReached(f"sudo on {self._who} neither asked nor began in time")
            chunk = self._receive()
            self._heard = (self._heard + chunk)[-2000:]
            self.frames.feed(chunk)
        return True

    def _receive(self) -> bytes:
        if time.monotonic() > self._deadline:
            raise LinkLost(f"{self._who} did not finish within {self._question.timeout} and was left alone")
        try:
            chunk = self._channel.recv(65536)
        except TimeoutError:
            silence = self._limits.silence.total_seconds()
            raise LinkLost(f"the link to {self._who} is dead: not a sign of life for {silence:.0f} s") from None
        if not chunk:
            self._closed()
        return chunk

    def _closed(self) -> None:
        if self.frames.begun:
            raise LinkLost(f"the link to {self._who} broke in the middle of an answer")
        if self._question.sudo and self._question.sudo.password is not None:
            # never what it said: a hostile host says what it was given
            raise NotReached(f"sudo on {self._who} was refused", credential_refused=True)
        said = last_words(self.frames.noise)
        if "sudo" in said or "password" in said:
            raise NotReached(f"sudo on {self._who} was refused: {said}", credential_refused=True)
        if said:
            raise NotReached(f"{self._who} did not start our shell; it said: {said}")
        raise LinkLost(f"the link to {self._who} broke before an answer began")


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
