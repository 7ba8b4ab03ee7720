"""Do the ports of a host open for this machine?"""

from collections.abc import Iterator

from msp_ops.checks.base import Check, Seen
from msp_ops.checks.outside_blocks import Block, read_blocks, took
from msp_ops.domain.finding import Measurement, Reading


def read(seen: Seen) -> Reading:
    return read_blocks(seen, "tcp", _judge)


def _judge(block: Block, seen: Seen) -> Iterator[Measurement]:
    yield took(block, seen, "tcp_latency")


CHECK = Check(name="tcp", title="Ports open, as seen from here", read=read)
