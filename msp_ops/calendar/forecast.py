"""Whether the time that is left is enough for one more host."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from msp_ops.domain.duration import spell_duration

ENOUGH = 3  # fewer past durations say less than the runbook's author
SECOND = timedelta(seconds=1)


def forecast(durations: Sequence[timedelta], expected: timedelta) -> timedelta:
    """What nine of ten hosts took at most (nearest rank); `expected` when fewer than three are known."""
    if len(durations) < ENOUGH:
        return expected
    return sorted(durations)[ceil(len(durations) * 9 / 10) - 1]


def too_long(
    durations: Sequence[timedelta], expected: timedelta, at: datetime, closes_at: datetime | None
) -> str | None:
    """Why a host must not begin at that moment, or None: it would not end before `closes_at` (None: never).

    `durations` are those of hosts that ran the same runbook, `expected` is the runbook's own word.
    """
    if closes_at is None:
        return None
    needed, left = forecast(durations, expected), closes_at - at
    if needed <= left:
        return None
    known = len(durations) >= ENOUGH
    source = f"as nine of ten did of the last {len(durations)}" if known else "as its runbook expects"
    return (
        f"a host takes up to {spell_duration(_up(needed))} ({source}) and {spell_duration(max(left, timedelta(0)))} "
        f"are left until changes must end"
    )


def _up(span: timedelta) -> timedelta:
    """To whole seconds, so that what is told never looks as if it would fit."""
    return -(-span // SECOND) * SECOND
