"""What a look from this machine says, taken apart: a block an endpoint, as `msp_ops.outside.base` writes it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from msp_ops.checks.answer import measured, named, number, parts, short
from msp_ops.checks.base import Seen, UnreadableError
from msp_ops.domain.finding import Finding, Measurement, Reading
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Severity


@record
class Block:
    """What was seen of one endpoint; a key may come several times."""

    subject: str
    facts: tuple[tuple[str, str], ...]

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.facts if name == key]

    def get(self, key: str) -> str | None:
        """The last one; None when it is not there."""
        return next(reversed(self.all(key)), None)

    def need(self, key: str) -> str:
        """UnreadableError when it is not there."""
        found = self.get(key)
        if found is None:
            raise UnreadableError(f"{short(self.subject)}: expected {key}, found nothing of the kind")
        return found


Judge = Callable[[Block, Seen], Iterator[Finding | Measurement]]


def read_blocks(seen: Seen, check: str, judge: Judge, first: str = "url") -> Reading:
    """Every block judged; those of which nobody knows anything stay unjudged and make the look unverified."""
    answer = parts(seen)
    if "nothing" in answer:
        return Reading(skipped=short("; ".join(answer["nothing"])))
    if "looked" not in answer:
        raise UnreadableError("the answer has no part 'looked'")
    blocks = list(_blocks(answer["looked"], first))
    if not blocks:
        raise UnreadableError("the answer speaks of nothing that was looked at")
    unknown = [block for block in blocks if block.get("untold")]
    in_part = [block for block in blocks if block.get("unasked")]
    told = [each for block in blocks if block not in unknown for each in _judged(block, seen, check, judge)]
    return Reading(
        findings=tuple(each for each in told if isinstance(each, Finding)),
        measurements=tuple(each for each in told if isinstance(each, Measurement)),
        unjudged=tuple(named(block.subject) for block in (*unknown, *in_part)),
        untold="; ".join(f"{short(block.subject)}: {short(_untold(block))}" for block in (*unknown, *in_part)[:4]),
    )


def _untold(block: Block) -> str:
    return block.get("untold") or f"this machine has no way to {'; '.join(block.all('unasked'))}"


def _judged(block: Block, seen: Seen, check: str, judge: Judge) -> Iterator[Finding | Measurement]:
    trouble = block.get("trouble") or block.get("handshake")
    if trouble is None:
        yield from judge(block, seen)
        return
    owner = _owner(block)
    severity: Severity = "critical" if owner in {check, None} else "warning"
    yield found(check, block, severity, trouble)


def _owner(block: Block) -> str | None:
    """Of an https endpoint, which two checks look at, only one of them calls a trouble critical."""
    if not block.subject.startswith("https:"):
        return None
    return "tls" if block.get("handshake") else "http"


def found(check: str, block: Block, severity: Severity, message: str) -> Finding:
    return Finding(check=check, subject=named(block.subject), severity=severity, message=short(message))


def took(block: Block, seen: Seen, name: str) -> Measurement:
    """How long it took, in milliseconds."""
    return figure(block, seen, name, number(block.need("took"), "took"), "ms")


def figure(block: Block, seen: Seen, name: str, value: Decimal | int, unit: str) -> Measurement:
    return measured(seen, f"{name}:{named(block.subject)}", value, unit)


def moment_in(block: Block, key: str) -> datetime:
    """As `outside` writes it; UnreadableError when it is none."""
    text = block.need(key)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise UnreadableError(f"{short(block.subject)}: expected a moment, found {short(text)!r}") from error


def _blocks(lines: Sequence[str], first: str) -> Iterator[Block]:
    subject, facts = "", []
    for line in lines:
        key, colon, value = line.partition(":")
        if not colon:
            raise UnreadableError(f"expected `key: value`, found {short(line)!r}")
        if key != first:
            facts.append((key, value.strip()))
            continue
        if subject:
            yield Block(subject=subject, facts=tuple(facts))
        subject, facts = value.strip(), []
    if facts and not subject:
        raise UnreadableError(f"expected {first} first, found {short(lines[0])!r}")
    if subject:
        yield Block(subject=subject, facts=tuple(facts))
