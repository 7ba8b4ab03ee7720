"""The host's answer as bytes: exactly what was framed, or nothing. What a profile prints beside it is noise.

A frame is `##MSP1 LENGTH SHA256 BASE64 MSP1##`: ASCII, so that code pages, byte order marks and line ends cannot harm
it; its length and hash tell a piece that was lost. Inside: a line of JSON with the nonce of the question, then bytes.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msp_ops.domain.errors import LinkLost
from msp_ops.domain.record import record

_FRAME = re.compile(rb"##MSP1 (\d{1,10}) ([0-9a-f]{64}) ([A-Za-z0-9+/=\s]*)\sMSP1##")
_OPEN, _CLOSE = b"##MSP1 ", b"MSP1##"


@record
class Frame:
    """One part of an answer."""

    head: Mapping[str, Any]
    body: bytes


class Frames:
    """Takes bytes as they come; gives back whole frames of one question. Not shared between threads."""

    def __init__(self, nonce: str, most: int) -> None:
        """`most`: bytes that may wait for the rest of their frame. LinkLost beyond that."""
        self._nonce = nonce
        self._most = most
        self._rest = b""
        self.noise = b""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Raises LinkLost when a frame is damaged, or none comes to its end."""
        looked = max(0, len(self._rest) - len(_CLOSE))
        data = self._rest + chunk
        if data.find(_CLOSE, looked) >= 0:
            at = 0
            for found in _FRAME.finditer(data):
                self._pass(data[at : found.start()])
                at = found.end()
                frame = self._read(found)
                if frame:
                    yield frame
            data = data[at:]
        self._keep(data)

    def _keep(self, data: bytes) -> None:
        begun = data.find(_OPEN)
        if begun < 0:
            begun = max(0, len(data) - len(_OPEN) + 1)
        self._pass(data[:begun])
        self._rest = data[begun:]
        if len(self._rest) > self._most:
            raise LinkLost(f"the host says more than {self._most} bytes and comes to no end of its answer")

    def _pass(self, noise: bytes) -> None:
        self.noise = (self.noise + noise)[-2000:]

    def _read(self, found: re.Match[bytes]) -> Frame | None:
        try:
            whole = base64.b64decode(b"".join(found[3].split()), validate=True)
        except binascii.Error:
            whole = b""
        if len(whole) != int(found[1]) or hashlib.sha256(whole).hexdigest().encode() != found[2]:
            raise LinkLost("a part of the host's answer was lost on its way")
        line, _, body = whole.partition(b"\n")
        head = _json(line)
        return Frame(head=head, body=body) if head.get("nonce") == self._nonce else None


def _json(line: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(line)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
