"""When a file system will be full, from what was measured of it: a straight line, or the reason why nobody can tell."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import StatisticsError, correlation, linear_regression, median

from msp_ops.domain.finding import Measurement
from msp_ops.domain.record import record

PAST = timedelta(days=60)  # what is older says little of the present rate
HORIZON = timedelta(days=180)  # what is farther off is no forecast any more
LEAST_DAYS = 7
LEAST_POINTS = 5
FRESH = timedelta(days=7)
LEAP = 10  # times the usual change of a day, and
LEAST_LEAP = 0.05  # of the most that was ever free: somebody cleared it, enlarged it, or put something large there
STEADY = 0.5  # the share of the changes that a straight line explains (r squared)
SECONDS_OF_A_DAY = 86400


@record
class Growth:
    """How the free space of one place went; `full_on` by the present rate, in UTC; `unknown` says why there is none."""

    place: str
    points: int
    days: int
    free: int
    per_day: int
    full_on: date | None = None
    unknown: str = ""


def growth(place: str, free: Sequence[Measurement], now: datetime) -> Growth:
    """`free`: bytes at moments, in any order; of each day the last one counts, so that many looks weigh no more.

    What was before a leap says nothing of the rate after it.
    """
    lately = _one_a_day(free, now)
    if not lately:
        return Growth(place=place, points=0, days=0, free=0, per_day=0, unknown="nobody measured it lately")
    points = _since_a_leap(lately)
    first, last = points[0], points[-1]
    seen = Growth(place=place, points=len(points), days=(last.at - first.at).days, free=int(last.value), per_day=0)
    if unknown := _too_little(seen, now - last.at):
        since = (
            f"since its free space leapt on {first.at.astimezone(UTC).date()}: " if len(points) < len(lately) else ""
        )
        return replace(seen, unknown=f"{since}{unknown}")
    return _judged(seen, [((point.at - last.at).total_seconds(), float(point.value)) for point in points], last.at, now)


def _one_a_day(free: Sequence[Measurement], now: datetime) -> list[Measurement]:
    lately = sorted((point for point in free if now - PAST <= point.at <= now), key=lambda point: point.at)
    return list({point.at.astimezone(UTC).date(): point for point in lately}.values())


def _since_a_leap(points: list[Measurement]) -> list[Measurement]:
    """From the last day on which much more came free, or was taken, than on other days."""
    steps = [float(later.value - earlier.value) for earlier, later in pairwise(points)]
    least = LEAST_LEAP * float(max(point.value for point in points))
    usual = median(map(abs, steps)) if steps else 0.0
    large = [0.0, *(step if abs(step) > max(LEAP * usual, least) else 0.0 for step in steps), 0.0]
    leaps = [day for day in range(1, len(points)) if large[day] > 0 or _is_alone(large[day - 1 : day + 2])]
    return points[leaps[-1] :] if leaps else points


def _is_alone(days: Sequence[float]) -> bool:
    """Whether much was taken on the middle one only: day after day it is a rate."""
    before, then, after = days
    return then < 0 <= min(before, after)


def _too_little(seen: Growth, age: timedelta) -> str:
    if age > FRESH:
        return f"it was measured {age.days} days ago for the last time"
    if seen.points < LEAST_POINTS or seen.days < LEAST_DAYS:
        return (
            f"measured on {seen.points} of {seen.days + 1} days; "
            f"{LEAST_POINTS} measurements over {LEAST_DAYS} days are needed"
        )
    return ""


def _judged(seen: Growth, points: Sequence[tuple[float, float]], last_at: datetime, now: datetime) -> Growth:
    moments, free = [moment for moment, _ in points], [value for _, value in points]
    try:
        slope = linear_regression(moments, free).slope
        explained = correlation(moments, free) ** 2
    except StatisticsError:  # it never changed
        return seen
    seen = replace(seen, per_day=round(-slope * SECONDS_OF_A_DAY))
    if seen.per_day <= 0:
        return seen
    if explained < STEADY:
        return replace(seen, unknown="it does not fill up evenly")
    left = timedelta(seconds=min(seen.free / -slope, HORIZON.total_seconds() + 1))
    return seen if left > HORIZON else replace(seen, full_on=max(last_at + left, now).astimezone(UTC).date())
