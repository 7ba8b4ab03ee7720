"""The shape of every check's answer: parts below `== name` headings, the last of them `== end`.

What a login shell says before the first heading is not part of the answer. Without `== end` the answer was cut.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from msp_ops.checks.base import Seen, UnreadableError
from msp_ops.domain.finding import Measurement

HEADING = re.compile(r"== ([a-z-]+)")
TOO_LONG = 160
MOST_DIGITS = 20  # before or after the point: int() of `1e3000000` stops every thread for minutes
LONGEST_FIGURE = 60
OF_DIGEST = 8  # signs
LATEST_SECOND = 100_000_000_000  # in the year 5138; a datetime ends with the year 9999


def parts(seen: Seen, *wanted: str) -> dict[str, list[str]]:
    """The lines below each heading, empty ones left out. Raises UnreadableError when one of `wanted` is missing."""
    if seen.exit_code != 0:
        raise UnreadableError(f"the command ended with {seen.exit_code}: {last_line(seen.output)}")
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in seen.output.split("\n"):
        heading = HEADING.fullmatch(line.strip())
        if heading:
            current = found.setdefault(heading[1], [])
        elif line.strip():
            current.append(line.rstrip())
    missing = [name for name in (*wanted, "end") if name not in found]
    if missing:
        raise UnreadableError(f"the answer has no part {missing[0]!r}; it ends with: {last_line(seen.output)}")
    return found


def last_line(output: str) -> str:
    """The last line that says something, short enough for a sentence."""
    lines = [line.strip() for line in output.split("\n") if line.strip()]
    return short(lines[-1]) if lines else "(nothing)"


def short(text: str) -> str:
    """Printable, without a password in a URL, and short."""
    shown = _shown(text)
    return shown if len(shown) <= TOO_LONG else shown[: TOO_LONG - 1] + "…"


def named(text: str) -> str:
    """As `short`, for what findings and measurements are about: two long names never become the same one."""
    shown = _shown(text)
    if len(shown) <= TOO_LONG:
        return shown
    return f"{shown[: TOO_LONG - OF_DIGEST - 1]}…{sha256(shown.encode(errors='replace')).hexdigest()[:OF_DIGEST]}"


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in re.sub(r"://[^/@\s]+@", "://***@", text))


def only(lines: Sequence[str], what: str) -> str:
    """The one line of a part; UnreadableError when there are none or several."""
    if len(lines) != 1:
        raise UnreadableError(f"{what}: expected one line, found {len(lines)}")
    return lines[0].strip()


def number(text: str, what: str) -> Decimal:
    """A figure of a size that is measured on machines; UnreadableError when it is none."""
    try:
        value = Decimal(text if len(text) <= LONGEST_FIGURE else "NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) >= MOST_DIGITS:
        raise UnreadableError(f"{short(what)}: expected a number, found {short(text)!r}")
    return value


def whole(text: str, what: str) -> int:
    """A figure without a fraction; UnreadableError when it is none."""
    value = number(text, what)
    if value != int(value):
        raise UnreadableError(f"{short(what)}: expected a whole number, found {short(text)!r}")
    return int(value)


def epoch_seconds(text: str, what: str) -> Decimal:
    """A time as `date +%s.%N` and `find -printf %T@` print it; UnreadableError before 1970 and after 5138."""
    seconds = number(text, what)
    if not 0 <= seconds < LATEST_SECOND:
        raise UnreadableError(f"{short(what)}: expected seconds since 1970, found {short(text)!r}")
    return seconds


def moment(text: str, what: str) -> datetime:
    """The same, without its fraction."""
    return datetime.fromtimestamp(int(epoch_seconds(text, what)), tz=UTC)


def seconds_asked(seen: Seen, parameter: str, otherwise: timedelta) -> timedelta:
    """A parameter of kind duration as it reaches the host: whole seconds. Empty or absent: `otherwise`."""
    text = seen.parameters.get(parameter, "")
    return timedelta(seconds=int(number(text, f"parameter {parameter}"))) if text else otherwise


def measured(seen: Seen, name: str, value: Decimal | int, unit: str) -> Measurement:
    return Measurement(name=name, value=Decimal(value), unit=unit, at=seen.at)


def listed(names: Sequence[str], limit: int = 8) -> str:
    """`a, b, c and 4 more`: a sentence stays a sentence on a host with 400 updates."""
    shown = ", ".join(short(name) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def passed_over(count: int) -> str:
    """Why not everything was looked at, of so many files with names that no line can hold; empty for none."""
    if not count:
        return ""
    if count == 1:
        return "1 file with control characters in its name was not looked at"
    return f"{count} files with control characters in their names were not looked at"


def span_in_words(length: timedelta) -> str:
    """`3 days`, `5 hours`, `40 s`: the largest unit that is at least two, rounded down."""
    seconds = int(abs(length).total_seconds())
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
