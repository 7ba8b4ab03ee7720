"""Do names resolve, and to the addresses that they should?"""

from collections.abc import Iterable, Iterator

from msp_ops.checks.answer import short
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.checks.outside_blocks import Block, found, read_blocks, took
from msp_ops.domain.finding import Finding, Measurement, Reading


def read(seen: Seen) -> Reading:
    return read_blocks(seen, "dns", _judge)


def _judge(block: Block, seen: Seen) -> Iterator[Finding | Measurement]:
    """One finding a name: the servers stand in its words, so that it stays the same one while they change."""
    wanted = frozenset(each for line in block.all("wanted") for each in _set(line))
    wrong = [
        f"{server} says {short(', '.join(sorted(got)))}" for server, got in _answers(block) if _differs(wanted, got)
    ]
    refusals = [short(each) for each in block.all("refusal")]
    silent = [short(each) for each in block.all("silent")]
    if not refusals and not block.all("answer"):
        raise UnreadableError(f"{short(block.subject)}: expected an answer, found nothing of the kind")
    if wrong or refusals:
        expected = f"expected {', '.join(sorted(wanted))}: " if wanted else ""
        yield found("dns", block, "critical", f"{expected}{'; '.join([*wrong, *refusals])}")
    elif silent:
        yield found("dns", block, "warning", f"a server says nothing: {'; '.join(silent)}")
    yield took(block, seen, "dns_latency")


def _answers(block: Block) -> Iterable[tuple[str, frozenset[str]]]:
    """All addresses of each server; it has a line for each of them."""
    found: dict[str, frozenset[str]] = {}
    for answer in block.all("answer"):
        server, _, addresses = answer.partition(": ")
        found[server] = found.get(server, frozenset()) | _set(addresses)
    return found.items()


def _set(text: str) -> frozenset[str]:
    return frozenset(each.strip() for each in text.split(",") if each.strip())


def _differs(wanted: frozenset[str], got: frozenset[str]) -> bool:
    return bool(wanted) and wanted != got


CHECK = Check(name="dns", title="Names resolve, as seen from here", read=read)
