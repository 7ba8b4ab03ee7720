"""What a host said, as it is kept."""

import hashlib

from msp_ops.domain.run import Evidence
from msp_ops.secrets.redact import Redact
from msp_ops.transports.base import Answer

LONGEST = 256 * 1024  # bytes of a secret in its longest spelling


def evidence(body: bytes, cut: int = 0) -> Evidence:
    """Already redacted output with its digest."""
    return Evidence(digest=hashlib.sha256(body).hexdigest(), body=body, cut=cut)


def clean(answer: Answer, redact: Redact) -> tuple[bytes, int]:
    """What was said, without secrets, and how many bytes are missing.

    Of an answer that was cut the last line goes too: it may end with a half of a secret, which nobody would know.
    """
    output, cut = answer.output, answer.cut
    if cut:
        output = output[: max(output.rfind(b"\n") + 1, len(output) - LONGEST)]
        cut += len(answer.output) - len(output)
    return redact(output), cut


def last_line(output: bytes) -> str:
    """The last thing that was said, for a reason that needs words."""
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"


def masked(text: str, redact: Redact) -> str:
    """A reason may quote the host, and a hostile host quotes what it was given."""
    return redact(text.encode(errors="replace")).decode(errors="replace")
