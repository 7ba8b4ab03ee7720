"""Sizes as people write them: `512MiB`, `20GiB`; always binary, always with a unit."""

import re

UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
WRITTEN = re.compile(rf"([1-9][0-9]{{0,8}})({'|'.join(UNITS)})", re.ASCII)


def read_size(text: str) -> int:
    """Bytes; ValueError says in words what would be right."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is not a size; write a whole number and its unit, for example 512MiB or 20GiB")
    return int(found[1]) * UNITS[found[2]]
