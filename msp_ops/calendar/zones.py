"""Time zones by name, from the tzdata package: the same rules on every machine, whatever its system has installed."""

from datetime import UTC, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from msp_ops.domain.errors import FileError


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name that the pinned rules know."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; FileError when there is none.

    Read from the package and not through `ZoneInfo(name)`, which prefers the system's rules: a worker with older ones
    would make other occurrences of the same schedule.
    """
    if name not in zone_names():
        raise FileError(f"time zone {name!r} is not known; write an IANA name such as Europe/Berlin")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


def in_utc(local: datetime) -> datetime:
    """The moment of a local time, by RFC 5545 3.3.5.

    In the spring gap the offset before the gap counts (02:30 becomes 03:30); a time that comes twice is the first.
    """
    return local.replace(fold=0).astimezone(UTC)
