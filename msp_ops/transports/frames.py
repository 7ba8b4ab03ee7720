"""The host's side of the wire as bytes: what a login shell prints around an answer is not part of it.

A frame is RS `nonce word` RS. The nonce is new for every question and never in a command line, so that neither a noisy
`.bashrc` nor another user of the host can pass for one. Only `ready` comes before it: it carries the public tag.
"""

import re
from dataclasses import dataclass, field

RS = b"\x1e"
# Anybody's frame: a pattern of one nonce would have to be worked out for every question. It takes the opening RS only,
# so that what merely looks like a frame cannot take along the first byte of a true one.
_FRAME = re.compile(rb"\x1e(?=([0-9a-z]{1,16}) ([a-z]+ ?[0-9]{0,3})\x1e)")


@dataclass(slots=True)
class Frames:
    """Takes bytes as they come; gives back the answer's own bytes. Not shared between threads."""

    nonce: str
    tag: str
    ready: bool = False
    begun: bool = False
    short: bool = False
    exit_code: int | None = None
    noise: bytes = b""
    _rest: bytes = field(default=b"", repr=False)

    @property
    def ended(self) -> bool:
        return self.short or self.exit_code is not None

    def feed(self, chunk: bytes) -> bytes:
        """The part of the answer that is certain by now."""
        data = self._rest + chunk
        answer = b""
        at = 0
        tag, nonce = self.tag.encode(), self.nonce.encode()
        for frame in _FRAME.finditer(data):
            if frame.start() >= at and (frame[1] == nonce or frame.groups() == (tag, b"ready")):
                answer += self._keep(data[at : frame.start()])
                self._take(frame[2].decode())
                at = frame.end(2) + len(RS)
        open_at = min(_open_frame(data, at, word) for word in (tag, nonce))
        self._rest = data[open_at:]
        return answer + self._keep(data[at:open_at])

    def _keep(self, part: bytes) -> bytes:
        if self.begun:
            return b"" if self.ended else part
        self.noise = (self.noise + part)[-2000:]
        return b""

    def _take(self, frame: str) -> None:
        match frame.split():
            case ["ready"]:
                self.ready = True
            case ["begin"]:
                self.begun = True
            case ["short"]:
                self.short = True
            case ["end", code]:
                self.exit_code = int(code)
            case _:
                pass  # a tick: the link lives


def _open_frame(data: bytes, start: int, nonce: bytes) -> int:
    """Where a frame may have begun whose rest is still to come; the end of `data` when none has."""
    opening = RS + nonce + b" "
    at = data.rfind(RS, max(start, len(data) - len(opening) - 16))
    tail = data[at:] if at >= start else b""
    return at if tail and (opening.startswith(tail) or tail.startswith(opening)) else len(data)
