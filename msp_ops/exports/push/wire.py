"""One request and its answer, and what is known when there is none."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from msp_ops.domain.errors import PlanError
from msp_ops.domain.record import record

LARGEST = 16 * 1024 * 1024  # bytes of an answer
CLIP = 300  # letters of what a PSA said that a reason repeats


@record
class Answer:
    """`said`: the JSON of the answer, or its first letters when it is none."""

    status: int
    said: Any


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

    `headers` hold the credentials, which no reason repeats.
    """

    def __init__(self, base: str, headers: Mapping[str, str], *, seconds: float = 30, most: int = LARGEST) -> None:
        parts = urlsplit(base)
        if parts.hostname is None or not (
            parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))
        ):
            raise PlanError(
                f"'{base}' is no address of a PSA; write https:// and its name, such as https://api.example.com"
            )
        self._tls = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
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
        text = content.decode(errors="replace")
        for secret in filter(_is_secret, self._secrets):
            text = text.replace(secret, "***")
        try:
            return Answer(status=response.status, said=json.loads(text or "null"))
        except ValueError:
            return Answer(status=response.status, said=text[:CLIP])


def _is_secret(word: str) -> bool:
    """`Basic` and `Bearer` are none."""
    return len(word) > 6


def _is_here(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
