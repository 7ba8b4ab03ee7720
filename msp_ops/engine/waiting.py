"""How long to wait before the world is asked again: longer each time, and never all at the same moment."""

from collections.abc import Iterator
from datetime import timedelta
from random import SystemRandom

LONGEST = timedelta(minutes=1)
_chance = SystemRandom()


def pauses(first: timedelta) -> Iterator[timedelta]:
    """2, 4, 8 … 60 s, each up to a quarter longer by chance, so that a fleet does not come back in step."""
    pause = first
    while True:
        yield pause * _chance.uniform(1, 1.25)
        pause = min(pause * 2, LONGEST)
