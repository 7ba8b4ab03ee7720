"""A forecast of disks as rows for people."""

from collections.abc import Iterator, Sequence

from msp_ops.domain.growth import HORIZON, Growth

GIB = 1024**3
NOT_MEASURED = "unknown: nobody measured its disks (msp-ops run audit-health)"


def as_row(host: str, places: Sequence[Growth]) -> Iterator[tuple[str, ...]]:
    """One row a place; a host of which nothing is known has one that says so."""
    if not places:
        yield host, "", "", "", NOT_MEASURED
    for place in places:
        yield host, place.place, _gib(place.free), _rate(place), _when(place)


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"


def _rate(place: Growth) -> str:
    return "" if place.unknown and not place.per_day else f"{-place.per_day / GIB:+.2f} GiB"


def _when(place: Growth) -> str:
    if place.unknown:
        return f"cannot tell yet: {place.unknown}"
    if place.full_on:
        return f"about {place.full_on.isoformat()}"
    return "not filling up" if place.per_day <= 0 else f"not within {HORIZON.days} days"
