"""Which licences, domains, warranties and contracts of the client's file end soon?"""

from collections.abc import Iterator
from datetime import date, timedelta

from msp_ops.checks.answer import short
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.checks.outside_blocks import Block, figure, found, read_blocks
from msp_ops.domain.duration import read_duration
from msp_ops.domain.finding import Finding, Measurement, Reading


def read(seen: Seen) -> Reading:
    return read_blocks(seen, "dates", _judge, first="what")


def _judge(block: Block, seen: Seen) -> Iterator[Finding | Measurement]:
    """The day itself is a good one still."""
    ends, kind = _day(block, "ends"), block.need("kind")
    left = (ends - _day(block, "today")).days
    note = f" ({block.get('note')})" if block.get("note") else ""
    if left < 0:
        yield found("dates", block, "critical", f"the {_words(kind)} ended on {ends}, {_days(-left)} ago{note}")
    elif not left or left < _warned(block, seen).days:
        when = f"in {_days(left)}, on {ends}" if left else f"today, {ends}"
        yield found("dates", block, "warning", f"the {_words(kind)} ends {when}{note}")
    yield figure(block, seen, "days_left", left, "days")


def _words(kind: str) -> str:
    return "time" if kind == "other" else kind


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _day(block: Block, key: str) -> date:
    text = block.need(key)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnreadableError(f"{short(block.subject)}: expected a day, found {short(text)!r}") from error


def _warned(block: Block, seen: Seen) -> timedelta:
    text = block.get("warn")
    try:
        return read_duration(text) if text else seen.policy.expiry_warning
    except ValueError as error:
        raise UnreadableError(f"{short(block.subject)}: {short(str(error))}") from error


CHECK = Check(name="dates", title="Days on which something ends", read=read)
