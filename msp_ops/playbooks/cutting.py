"""Text that is cut before anybody can mask it: at the end of a line, or far enough from where a secret is cut in two.

The process that drives Ansible knows no redactor: ours masks what it passes on, and knows a secret only as a whole.
"""

LONGEST = 256 * 1024  # characters of a secret in its longest spelling


def the_beginning(text: str, most: int) -> str:
    """At most so many characters from the start."""
    if len(text) <= most:
        return text
    kept = text[:most]
    return kept[: max(kept.rfind("\n") + 1, most - LONGEST)]


def the_end(text: str, most: int) -> str:
    """At most so many characters before the end."""
    if len(text) <= most:
        return text
    kept = text[-most:]
    line = kept.find("\n") + 1
    return kept[min(line or LONGEST, LONGEST) :]
