"""RFC 5545 rules as days. A rule says which days; the local start stands beside it, never in it.

Rules count from Monday, 1 January 2001: `INTERVAL=2` means every second period from there, and a rule that names no
day takes the Monday, the first of the month or 1 January. So the same rule gives the same days whenever it is asked.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType

from dateutil.rrule import rrulestr

from msp_ops.domain.errors import FileError

ANCHOR = date(2001, 1, 1)
_DAY = "(MO|TU|WE|TH|FR|SA|SU)"
_MONTH_DAY = "-?([1-9]|[12][0-9]|3[01])"
_PARTS = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": "[1-9][0-9]{0,2}",
    "BYDAY": f"(-?[1-5])?{_DAY}(,(-?[1-5])?{_DAY})*",
    "BYMONTH": "([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "WKST": _DAY,
    "BYMONTHDAY": f"{_MONTH_DAY}(,{_MONTH_DAY})*",
    "BYSETPOS": f"{_MONTH_DAY}(,{_MONTH_DAY})*",
}
_SHORT = ("FREQ", "INTERVAL", "BYDAY", "BYMONTH", "WKST")
_HOW = "write for example FREQ=WEEKLY;BYDAY=SA or FREQ=MONTHLY;BYDAY=2SA; the time of day stands in 'start'"

Parts = MappingProxyType[str, str]


@cache
def rule_parts(rule: str) -> Parts:
    """The parts of a rule by name; FileError says which one cannot be meant.

    Stricter than dateutil, which ignores an ordinal in a weekly rule, fails late on `9SA` and never returns from
    `INTERVAL=0`. COUNT and UNTIL are refused: a schedule ends when it leaves its file.
    """
    named = [part.partition("=") for part in rule.split(";")]
    parts = {name: value for name, _, value in named}
    if len(parts) < len(named):
        raise FileError(f"rule {rule!r} names a part twice; {_HOW}")
    allowed = _SHORT if parts.get("FREQ") in {"DAILY", "WEEKLY"} else tuple(_PARTS)
    for name, value in parts.items():
        if name not in allowed or not re.fullmatch(_PARTS[name], value):
            raise FileError(f"rule {rule!r}: {name} {value!r} is not possible here; {_HOW}")
    if "FREQ" not in parts:
        raise FileError(f"rule {rule!r} has no FREQ; {_HOW}")
    if allowed is _SHORT and re.search("[0-9]", parts.get("BYDAY", "")):
        raise FileError(f"rule {rule!r}: a numbered day belongs to a month or a year, not to a week; {_HOW}")
    return Parts(parts)


def rule_mistake(rule: str) -> str | None:
    """What is wrong with a rule in words, also that it never happens (30 February); None when it is sound."""
    try:
        first = next(rule_days(rule, ANCHOR), None)
    except FileError as mistake:
        return str(mistake)
    return f"rule {rule!r} has no day in any year; {_HOW}" if first is None else None


def rule_days(rule: str, first: date) -> Iterator[date]:
    """Every day of the rule from `first` on, in order, without end."""
    parts = rule_parts(rule)
    begin = _period_of(parts["FREQ"], int(parts.get("INTERVAL", "1")), first)
    for moment in rrulestr(rule, dtstart=datetime.combine(begin, time())):
        if moment.date() >= first:
            yield moment.date()


def _period_of(freq: str, interval: int, day: date) -> date:
    """The start of the counted period that `day` lies in, so that nobody counts from 2001 each time."""
    match freq:
        case "DAILY" | "WEEKLY":
            span = interval * (7 if freq == "WEEKLY" else 1)
            return ANCHOR + timedelta(days=_periods((day - ANCHOR).days, span) * span)
        case "MONTHLY":
            gone = (day.year - ANCHOR.year) * 12 + day.month - ANCHOR.month
            months = _periods(gone, interval) * interval
            return date(ANCHOR.year + months // 12, months % 12 + 1, 1)
        case _:
            return date(ANCHOR.year + _periods(day.year - ANCHOR.year, interval) * interval, 1, 1)


def _periods(gone: int, span: int) -> int:
    return max(0, gone // span)
