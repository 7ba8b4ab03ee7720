"""How an error speaks of words that somebody may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_NAMED = 12


def listed(words: Iterable[str]) -> str:
    """`acme, borealis`; a long list is cut and says how many more there are; nothing at all is `none`."""
    known = list(words)
    named = ", ".join(known[:MOST_NAMED]) or "none"
    return f"{named} and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else named


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'acme'?` when one of the known words is close, else nothing."""
    lowered = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), lowered, n=1)
    return f"; did you mean '{lowered[near[0]]}'?" if near else ""
