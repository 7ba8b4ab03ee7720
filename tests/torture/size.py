"""How hard to torture: short in the usual suite, in full by `make torture`, with a new seed unless one is given."""

import os
import random

FULL = os.environ.get("MSP_OPS_TORTURE") == "full"
SEED = int(os.environ.get("MSP_OPS_TORTURE_SEED") or (random.SystemRandom().randrange(1_000_000) if FULL else 7))
AGAIN = f"MSP_OPS_TORTURE_SEED={SEED}"  # what repeats it


def size(short: int, full: int) -> int:
    return full if FULL else short


def dice(purpose: str) -> random.Random:
    """The same numbers for the same seed and purpose, whatever else is running."""
    return random.Random(f"{SEED} {purpose}")  # noqa: S311  # a campaign that can be repeated, no secret
