"""The times that a person types, in the client's zone: each is one moment, or is asked for again."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msp_ops.domain.errors import PlanError

_WRITTEN = re.compile(r"(?:(\d{4}-\d{2}-\d{2})[T ])?(\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?", re.ASCII)


def moment_of(words: str, day: date, zone: ZoneInfo, option: str) -> datetime:
    """`09:30`, `2026-11-03 09:30`, `01:30+01:00`, in UTC; without a day it is `day`.

    PlanError when it cannot be read, when clocks jump over it, and when it comes twice and no offset says which.
    """
    found = _WRITTEN.fullmatch(words.strip())
    if found is None:
        raise PlanError(f"{option} {words}: that is no time; write for example 09:30 or '2026-11-03 09:30'")
    try:
        on = date.fromisoformat(found[1]) if found[1] else day
        local = datetime.combine(on, time.fromisoformat(found[2]))
        if found[3]:
            return datetime.fromisoformat(f"{local.isoformat()}{found[3].replace('Z', '+00:00')}").astimezone(UTC)
        return _only_moment(local, zone, option)
    except ValueError:
        raise PlanError(f"{option} {words}: there is no such day or time") from None


def says_its_day(words: str) -> bool:
    """Whether the words name the day too."""
    found = _WRITTEN.fullmatch(words.strip())
    return found is not None and found[1] is not None


def today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def _only_moment(local: datetime, zone: ZoneInfo, option: str) -> datetime:
    earlier, later = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if earlier.utcoffset() == later.utcoffset():
        return earlier.astimezone(UTC)
    day = f"{local:%Y-%m-%d}"
    if earlier.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        after = earlier.astimezone(UTC).astimezone(zone)
        raise PlanError(
            f"{option}: {local:%H:%M} does not exist on {day} in {zone.key}: clocks are put forward over it; "
            f"did you mean {after:%H:%M}?"
        )
    choices = " or ".join(f"{local:%H:%M}{_offset(each)}" for each in (earlier, later))
    raise PlanError(
        f"{option}: {local:%H:%M} comes twice on {day} in {zone.key}: clocks are put back; say which: {choices}"
    )


def _offset(moment: datetime) -> str:
    """`+01:00`."""
    return moment.isoformat()[-6:]


def span_of(begin: datetime, end: datetime) -> timedelta:
    """What really elapsed, in UTC; PlanError when it is nothing."""
    length = end.astimezone(UTC) - begin.astimezone(UTC)
    if length <= timedelta(0):
        raise PlanError(f"the work ends ({end:%H:%M}Z) before it begins ({begin:%H:%M}Z)")
    return length
