"""How a reference to a secret is written: where it lies, never what it is."""

import re

REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\s\x00][^\x00\n]*")


def is_reference(text: str) -> bool:
    """Whether that is a place, and so may be shown."""
    return REFERENCE.fullmatch(text) is not None
