"""Lengths of time as people write them: `90s`, `15m`, `1h30m`, `26h`, `14d`."""

import re
from datetime import timedelta

WRITTEN = re.compile(r"(?=.)(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?", re.ASCII)


def read_duration(text: str) -> timedelta:
    """ValueError says in words what would be right."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is not a length of time; write for example 90s, 15m, 1h30m, 26h or 14d")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def spell_duration(duration: timedelta) -> str:
    """The shortest spelling that reads back as the same length, in whole seconds."""
    left, spelling = int(duration.total_seconds()), ""
    for unit, seconds in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, seconds)
        spelling += f"{count}{unit}" if count else ""
    return spelling or "0s"
