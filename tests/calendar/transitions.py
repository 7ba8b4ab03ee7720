"""Every change of the clocks in every zone, 2026 to 2028, found without the code under test."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from msp_ops.calendar.zones import zone, zone_names

_FIRST, _LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)


@cache
def transitions() -> tuple[tuple[str, datetime], ...]:
    """(zone, the first UTC minute of the new offset); zones with the same rules are told once."""
    told: dict[tuple[tuple[datetime, timedelta, timedelta], ...], str] = {}
    for name in sorted(zone_names()):
        told.setdefault(tuple(_changes(zone(name))), name)
    return tuple((name, at) for changes, name in told.items() for at, _, _ in changes)


def _changes(place: ZoneInfo) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    at = _FIRST
    while at < _LAST:
        later = at + timedelta(days=7)
        if _offset(place, at) != _offset(place, later):
            at = _minute_of_change(place, at, later)
            yield at, _offset(place, at) - _offset(place, at - timedelta(minutes=1)), _offset(place, at)
        else:
            at = later


def _minute_of_change(place: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = _offset(place, low)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // 2
        middle = middle.replace(second=0, microsecond=0)
        low, high = (middle, high) if _offset(place, middle) == before else (low, middle)
    return high


def _offset(place: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(place).utcoffset() or timedelta(0)
