"""One request and its answer, and what is known when there is none."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from threading import Timer
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from msp_ops.domain.api_address import read_api_address
from msp_ops.domain.errors import PlanError
from msp_ops.domain.outbox import Held
from msp_ops.domain.record import record

LARGEST = 16 * 1024 * 1024  # bytes of an answer
CLIP = 300  # letters of what a PSA said that a reason repeats


@record
class Answer:
    """`said`: the JSON of the answer, or its first letters when it is none. `again_after`: its `Retry-After`."""

    status: int
    said: Any
    again_after: timedelta | None = None


class NotSent(Exception):  # noqa: N818  # reads as what it is
    """Nothing reached the PSA: no connection. The text says why."""


class AnswerLost(Exception):  # noqa: N818  # reads as what it is
    """Something was sent and no whole answer came: what the PSA did is not known."""


class Wire(Protocol):
    """How a PSA is asked; tests pass their own."""

    def ask(self, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None) -> Answer:
        """NotSent, AnswerLost."""
        ...


class HttpWire:
    """HTTPS, or HTTP to this very machine; no redirect is followed, so headers go nowhere else.

    `headers` hold the credentials, which no reason repeats. Each word of an answer may take `seconds`, all of it twice
    as long.
    """

    def __init__(self, base: str, headers: Mapping[str, str], *, seconds: float = 30, most: int = LARGEST) -> None:
        try:
            parts = urlsplit(read_api_address(base))
        except ValueError as error:
            raise PlanError(str(error)) from None
        self._tls = parts.scheme == "https"
        self._host, self._port = str(parts.hostname), parts.port
        self._root = parts.path.rstrip("/")
        self._headers = {**headers, "Accept": "application/json", "Content-Type": "application/json"}
        self._secrets = sorted({word for value in headers.values() for word in (value, *value.split())}, key=len)[::-1]
        self._seconds, self._most = seconds, most

    def ask(self, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None) -> Answer:
        """NotSent, AnswerLost."""
        kind = HTTPSConnection if self._tls else HTTPConnection
        connection = kind(self._host, self._port, timeout=self._seconds)
        try:
            try:
                connection.connect()
            except OSError as error:
                raise NotSent(f"no connection to {self._host}: {error}") from None
            try:
                target = f"{self._root}{path}{'?' + urlencode(query) if query else ''}"
                sent = None if body is None else json.dumps(body).encode()
                with _ends_after(connection, 2 * self._seconds):
                    connection.request(method, target, sent, self._headers)
                    return self._read(connection.getresponse())
            except (OSError, HTTPException) as error:
                raise AnswerLost(f"no whole answer from {self._host}: {type(error).__name__}") from None
        finally:
            connection.close()

    def _read(self, response: HTTPResponse) -> Answer:
        content = response.read(self._most + 1)
        if len(content) > self._most:
            raise HTTPException(f"the answer is larger than {self._most} bytes")
        if response.length:  # of what was announced; http.client says nothing when less comes than was asked for
            raise IncompleteRead(content, response.length)
        text = content.decode(errors="replace")
        for secret in filter(_is_secret, self._secrets):
            text = text.replace(secret, "***")
        try:
            said = json.loads(text or "null")
        except ValueError:
            said = text[:CLIP]
        return Answer(status=response.status, said=said, again_after=_again_after(response))


class HeldWire:
    """Asks nothing any more when the entry is another process's by now: this one may have slept for an hour."""

    def __init__(self, wire: Wire, held: Held) -> None:
        self._wire = wire
        self._held = held

    def ask(self, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None) -> Answer:
        """NotSent, AnswerLost."""
        if not self._held():
            raise NotSent("this process was held up, and others took the entry over")
        return self._wire.ask(method, path, body, query)


@contextmanager
def _ends_after(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Whatever trickles in: a server that sends a letter a minute must not hold up the rest."""
    wire = connection.sock

    def cut() -> None:
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _again_after(response: HTTPResponse) -> timedelta | None:
    """Seconds, or a moment, which is held against the server's own clock. None when it says neither."""
    said = response.getheader("Retry-After", "").strip()
    try:
        if said.isascii() and said.isdigit():
            return timedelta(seconds=min(int(said), 10**9))
        return max(parsedate_to_datetime(said) - parsedate_to_datetime(response.getheader("Date", "")), timedelta(0))
    except (TypeError, ValueError, OverflowError):
        return None


def _is_secret(word: str) -> bool:
    """`Basic` and `Bearer` are none."""
    return len(word) > 6
