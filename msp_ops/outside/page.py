"""HTTP: which status, the text that was expected, how fast. Nothing that is a credential is ever sent."""

import http.client
import io
import ssl
from pathlib import Path
from typing import IO
from urllib.parse import urljoin

from msp_ops.domain.endpoint import Url, read_url
from msp_ops.outside.base import Facts, HandshakeError, TroubleError
from msp_ops.outside.certificate import handshake, trusting_system
from msp_ops.outside.wire import Connected, Deadline, Place, Timed, connect, in_words

MOST_REDIRECTS = 5
MOST_BYTES = 1024 * 1024
MOST_ON_THE_WIRE = 8 * MOST_BYTES  # a chunk of one byte takes six; http.client itself knows no end to some of it
REDIRECTS = range(300, 400)


class _Incoming:
    """What http.client wants of a socket, read until the deadline."""

    def __init__(self, connected: Connected, deadline: Deadline) -> None:
        self._raw = Timed(connected.socket, deadline, MOST_ON_THE_WIRE)

    def makefile(self, *_: object) -> IO[bytes]:
        return io.BufferedReader(self._raw)


def look_at_page(
    place: Place, url: Url, wanted: tuple[int | None, str | None], deadline: Deadline, ca_file: Path | None
) -> Facts:
    """Follows redirects of the same host, at most five; where a redirect is wanted, none. Raises TroubleError..."""
    status, text = wanted
    told: Facts = []
    for _ in range(MOST_REDIRECTS + 1):
        address, answer, body = _asked(place, url, deadline, ca_file)
        told = [*told, ("address", address), ("status", str(answer.status))]
        target = answer.headers.get("Location", "")
        if answer.status not in REDIRECTS or not target or status in REDIRECTS:
            return [*told, ("took", f"{deadline.took():.1f}"), *_searched(body, text)]
        told.append(("redirect", target))
        followed = _same_host(url, target)
        if followed is None:
            return [*told, ("elsewhere", target)]
        url, place = followed, Place(name=place.name, address=place.address, port=followed.port)
    raise TroubleError(f"redirects more than {MOST_REDIRECTS} times")


def _same_host(url: Url, target: str) -> Url | None:
    """None for another host, and for a way back to plain text: neither is followed without a person's word."""
    try:
        port = f":{url.port}"
        name = f"[{url.name}]" if ":" in url.name else url.name
        found = read_url(urljoin(f"{url.scheme}://{name}{port}{url.path}", target).partition("#")[0])
    except ValueError:
        return None
    same = found.name.lower() == url.name.lower()
    safe = found.scheme == "https" or (found.scheme == "http" and url.scheme == "http")
    return found if same and safe else None


def _asked(
    place: Place, url: Url, deadline: Deadline, ca_file: Path | None
) -> tuple[str, http.client.HTTPResponse, bytes]:
    found = connect(place, deadline)
    try:
        if url.scheme == "https":
            found = Connected(socket=_wrapped(found, place, deadline, ca_file), address=found.address)
        found.socket.sendall(_request(place, url))
        answer = http.client.HTTPResponse(_Incoming(found, deadline), method="GET")  # type: ignore[arg-type]  # all it uses
        answer.begin()
        body = answer.read(MOST_BYTES)
    except (http.client.HTTPException, ValueError) as error:  # ValueError: a chunk's size below zero
        raise TroubleError(f"answers with something that is no HTTP ({type(error).__name__})") from None
    except OSError as error:
        raise TroubleError(f"{found.address} port {place.port} {in_words(error)}") from None
    finally:
        found.socket.close()
    if answer.length and len(body) < MOST_BYTES:
        raise TroubleError(f"breaks its page off after {len(body)} bytes")
    return found.address, answer, body


def _wrapped(found: Connected, place: Place, deadline: Deadline, ca_file: Path | None) -> ssl.SSLSocket:
    try:
        return handshake(found, place, trusting_system(ca_file), deadline)
    except ssl.SSLCertVerificationError as refusal:
        raise HandshakeError(f"its certificate is refused: {refusal.verify_message}") from None


def _request(place: Place, url: Url) -> bytes:
    name = f"[{place.name}]" if ":" in place.name else place.name
    usual = {"https": 443, "http": 80}[url.scheme]
    host = name if url.port == usual else f"{name}:{url.port}"
    lines = (
        f"GET {url.path} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: msp-ops",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _searched(body: bytes, text: str | None) -> Facts:
    if text is None:
        return []
    return [("wanted", text), ("text", "there" if text.encode() in body else "missing")]
