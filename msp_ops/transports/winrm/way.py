"""TCP and TLS to one host: which certificate is good, how long anything may take, how much may come."""

import base64
import hashlib
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError, ProtocolError, SSLError

from msp_ops.domain.record import record
from msp_ops.transports.base import Limits

PIN = "x509-sha256"
MOST_BYTES = 8 * 1024 * 1024  # of one HTTP answer; we ask for envelopes of 150 kB
Dial = Callable[[], socket.socket]


@record
class Way:
    """How to get there. `pins`: `x509-sha256 BASE64`; without one, `tls` says who must vouch for the certificate.

    `dial`: through a gateway; None: directly.
    """

    limits: Limits
    tls: ssl.SSLContext
    pins: Collection[str] = ()
    dial: Dial | None = None


def pin_of(der: bytes) -> str:
    """As it stands in a pins file."""
    return f"{PIN} {base64.b64encode(hashlib.sha256(der).digest()).decode()}"


def tls_context(pins: Collection[str], authorities: str | None, own: tuple[str, str] | None) -> ssl.SSLContext:
    """The system's authorities and those in the file `authorities` vouch for others; `own` certificate and key for us.

    Raises OSError: a file cannot be read, or holds no certificate.
    """
    if not pins and not own:
        return _vouching(authorities, Path(authorities).stat().st_mtime if authorities else 0)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if pins:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the pin is compared before a byte is sent
    else:
        context.load_default_certs()
        if authorities:
            context.load_verify_locations(authorities)
    if own:
        context.load_cert_chain(*own)
    return context


@lru_cache(maxsize=64)  # to read the system's authorities costs 25 ms; all hosts of a client have the same ones
def _vouching(authorities: str | None, changed: float) -> ssl.SSLContext:  # noqa: ARG001  # a new file is read anew
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(authorities)
    return context


def keep_alive(limits: Limits) -> list[tuple[int, int, int]]:
    """The kernel itself gives a connection up when the other side is silent for `limits.silence`."""
    silence = int(limits.silence.total_seconds() * 1000)
    return [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, silence),
    ]


class Adapter(HTTPAdapter):
    """Every connection of one session. Bounds what an answer may bring, and how long it may take to come."""

    def __init__(self, way: Way) -> None:
        self._way = way
        super().__init__()

    @override
    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        more |= {"ssl_context": self._way.tls, "socket_options": keep_alive(self._way.limits)}
        super().init_poolmanager(connections, maxsize, block, **more)
        self.poolmanager.pool_classes_by_scheme = _pools(self._way)

    @override
    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: str | tuple[str, str] | None = None
    ) -> Any:
        """Our context alone says whom we trust: no bundle of requests', none of the environment's."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        trusted = ssl.CERT_NONE if self._way.pins else ssl.CERT_REQUIRED
        return host, {"cert_reqs": trusted} if "cert_reqs" in pool else pool

    @override
    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """As above."""

    @override
    def send(
        self, request: requests.PreparedRequest, stream: bool = False, *args: Any, **more: Any
    ) -> requests.Response:
        answer = super().send(request, stream, *args, **more)
        until = time.monotonic() + 6 * self._way.limits.silence.total_seconds()
        # everybody reads it through this one method, and NTLM needs the answer itself as it is
        answer.raw.stream = partial(_bounded, answer.raw.stream, until)  # type: ignore[method-assign]
        return answer


def _bounded(
    stream: Callable[..., Iterator[bytes]], until: float, size: int, decode_content: bool | None = None
) -> Iterator[bytes]:
    said = 0
    for chunk in stream(size, decode_content=decode_content):
        said += len(chunk)
        if said > MOST_BYTES or time.monotonic() > until:
            raise ProtocolError("its answer has no end")
        yield chunk


def _pools(way: Way) -> dict[str, type[HTTPConnectionPool]]:
    """Classes, because urllib3 makes the connections itself."""

    class Plain(HTTPConnection):
        @override
        def _new_conn(self) -> socket.socket:
            return _dialled(way.dial, self) if way.dial else super()._new_conn()

    class Secure(HTTPSConnection):
        @override
        def _new_conn(self) -> socket.socket:
            return _dialled(way.dial, self) if way.dial else super()._new_conn()

        @override
        def connect(self) -> None:
            super().connect()
            if way.pins:
                _compare(self, way.pins)
                self.is_verified = True

    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
    }


def _dialled(dial: Dial, connection: HTTPConnection) -> socket.socket:
    try:
        return dial()
    except OSError as error:
        raise NewConnectionError(connection, str(error)) from error


def _compare(connection: HTTPSConnection, pins: Collection[str]) -> None:
    """Before the first byte of a request: nothing is shown to a stranger."""
    der = connection.sock.getpeercert(binary_form=True) if isinstance(connection.sock, ssl.SSLSocket) else None
    if der is None or pin_of(der) not in {" ".join(pin.split()[:2]) for pin in pins}:
        connection.close()
        raise SSLError("the certificate does not match a pinned one")
