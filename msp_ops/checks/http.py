"""Do pages answer as they should?

What TLS has to say is said by `tls`: here it is a warning only, that nobody could ask for the page.
"""

from collections.abc import Iterator

from msp_ops.checks.answer import whole
from msp_ops.checks.base import Check, Seen
from msp_ops.checks.outside_blocks import Block, found, read_blocks, took
from msp_ops.domain.finding import Finding, Measurement, Reading


def read(seen: Seen) -> Reading:
    return read_blocks(seen, "http", _judge)


def _judge(block: Block, seen: Seen) -> Iterator[Finding | Measurement]:
    if elsewhere := block.get("elsewhere"):
        words = f"redirects to {elsewhere}, which is another host or plain http; it was not followed"
        yield found("http", block, "warning", words)
        return
    status, expected = whole(block.need("status"), "status"), block.need("expected")
    if not _fits(status, expected):
        yield found("http", block, "critical", f"answers with {status}, expected is {expected}")
    elif block.get("text") == "missing":
        yield found("http", block, "critical", f"the page lacks the text that is expected: {block.get('wanted') or ''}")
    yield took(block, seen, "http_latency")


def _fits(status: int, expected: str) -> bool:
    return status // 100 == 2 if expected == "2xx" else status == whole(expected, "expected")


CHECK = Check(name="http", title="Pages answer, as seen from here", read=read)
