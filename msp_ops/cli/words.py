"""Words that people type once and colleagues read for years: tickets and reasons."""

import unicodedata

import typer

STEERING = {"Cc", "Cs", "Zl", "Zp"}  # Unicode's control characters, lone surrogates, line and paragraph separators


def trimmed(words: str) -> str:
    """As `plain`, without blanks around it: a pasted one would make another ticket of it."""
    return plain(words).strip()


def plain(words: str) -> str:
    """A callback of typer; a usage error when a terminal would not show it as one line of text."""
    for sign in words:
        if unicodedata.category(sign) in STEERING:
            raise typer.BadParameter(f"it holds the control character {sign!r}; one line of plain text would be right")
    return words
