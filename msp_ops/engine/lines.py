"""What a host says, line by line: a secret is never cut in two before it is masked, and a flood ends somewhere."""

from collections.abc import Iterator

from msp_ops.secrets.redact import Redact

SHOWN_LIVE = 1024 * 1024  # bytes; the evidence has its own bound


class Lines:
    """Whole lines of a stream that may come in pieces, over several links."""

    def __init__(self, redact: Redact) -> None:
        self.heard = 0
        self._redact = redact
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The lines that are whole by now, masked."""
        self.heard += len(chunk)
        if self.heard > SHOWN_LIVE:
            return
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            yield self._redact(line).decode(errors="replace")
