"""Figures as people read them: right for none, one and many; nothing here knows what they mean."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from msp_ops.billing.money import digits
from msp_ops.domain.record import record

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUS = "\N{MINUS SIGN}"
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format (bidi, zero width), lone surrogates, line separators


def printable(text: str) -> str:
    """The text without anything that could hide or reorder its neighbours; what was there shows as U+FFFD."""
    spaced = text.replace("\n", " ").replace("\t", " ")
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) in HIDDEN else sign for sign in spaced)


def clip(text: str, longest: int = 160) -> str:
    """One line of at most `longest` characters, safe to read."""
    line = " ".join(printable(text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def plural(number: int, one: str, many: str | None = None) -> str:
    """`machine` or `machines`, without the number."""
    return one if number == 1 else (many or one + "s")


def count(number: int, one: str, many: str | None = None) -> str:
    """`no machines`, `1 machine`, `3 machines`."""
    return f"{number or 'no'} {plural(number, one, many)}"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def listed(names: Sequence[str], most: int = 3) -> str:
    """`a`, `a and b`, `a, b, c and 4 more`."""
    shown = [*names[:most], f"{len(names) - most} more"] if len(names) > most + 1 else list(names)
    return " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)


def whole_seconds(span: timedelta) -> timedelta:
    """Rounded half up, so that the lines of a table add up to its total as printed."""
    return timedelta(seconds=(span + timedelta(milliseconds=500)) // timedelta(seconds=1))


def span(length: timedelta) -> str:
    """`0 min`, `40 s`, `15 min`, `1 h 45 min`, `2 min 5 s`: nothing measured is left out."""
    seconds = abs(whole_seconds(length)) // timedelta(seconds=1)
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s"))
    words = " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"
    return f"{MINUS}{words}" if length < timedelta(0) else words


def money(amount: Decimal, currency: str) -> str:
    """`€1,240.00`, `JPY 1,240`; never fewer decimals than the amount has."""
    exponent = amount.as_tuple().exponent
    decimals = max(digits(currency), -exponent if isinstance(exponent, int) else 0)
    sign = SIGNS.get(currency, clip(currency) + "\N{NO-BREAK SPACE}")
    return f"{MINUS if amount < 0 else ''}{sign}{abs(amount):,.{decimals}f}"


def day(moment: date) -> str:
    return f"{moment.day} {MONTHS[moment.month - 1]}"


def full_day(moment: date) -> str:
    return f"{day(moment)} {moment.year}"


def short_day(moment: date) -> str:
    return f"{moment.day} {MONTHS[moment.month - 1][:3]}"


def month_name(moment: date) -> str:
    return f"{MONTHS[moment.month - 1]} {moment.year}"


def clock_time(moment: datetime) -> str:
    """`22:05 CET`: the zone's own abbreviation tells the two hours of a DST night apart."""
    return f"{moment:%H:%M} {moment.tzname()}"


@record
class Tile:
    """A date as a leaf of a calendar."""

    month: str
    day: str
    weekday: str

    @classmethod
    def of(cls, moment: date) -> "Tile":
        return cls(month=MONTHS[moment.month - 1][:3], day=str(moment.day), weekday=WEEKDAYS[moment.weekday()])
