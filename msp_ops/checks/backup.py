"""What every kind of backup is judged by: how old the newest is, and whether it shrank.

Levels that are told apart: 0 fresh, 1 listed, 2 data read back. A lower one never stands for a higher one: a listing of
a damaged backup succeeds (measured: `restic check`, `pg_restore --list`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from msp_ops.checks.answer import named, span_in_words
from msp_ops.checks.base import UnreadableError
from msp_ops.domain.finding import Finding
from msp_ops.domain.record import record

SUSPECT_BELOW = 0.5
CLOCKS_DIFFER = timedelta(hours=1)


@record
class Copy:
    """One backup of a series; `size` None when it is not known."""

    made_at: datetime
    size: int | None


def judge_series(
    check: str, subject: str, copies: Sequence[Copy], max_age: timedelta, at: datetime
) -> Iterator[Finding]:
    """Findings on a series, oldest first. UnreadableError when it is dated in the future."""
    newest = copies[-1]
    age = age_of(newest, at)
    if age > max_age:
        message = f"the newest backup is {span_in_words(age)} old, allowed are {span_in_words(max_age)}"
        yield Finding(check=check, subject=f"{named(subject)}: age", severity="critical", message=message)
    if newest.size == 0:
        yield Finding(
            check=check, subject=f"{named(subject)}: size", severity="critical", message="the newest is empty"
        )
    elif newest.size is not None and (usual := _usual(copies[:-1])) and newest.size < SUSPECT_BELOW * usual:
        message = f"the newest has {newest.size} bytes, usual are {usual:.0f}: is something missing?"
        yield Finding(check=check, subject=f"{named(subject)}: size", severity="warning", message=message)


def age_of(copy: Copy, at: datetime) -> timedelta:
    """Never negative; UnreadableError when the backup comes from the future by more than clocks differ."""
    age = at - copy.made_at
    if age < -CLOCKS_DIFFER:
        raise UnreadableError(f"the newest backup is dated {span_in_words(age)} in the future: its age cannot be told")
    return max(age, timedelta(0))


def _usual(earlier: Sequence[Copy]) -> float:
    return median([copy.size for copy in earlier if copy.size is not None] or [0])
