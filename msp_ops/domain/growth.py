"""When a file system will be full, from what was measured of it: a straight line, or the reason why nobody can tell."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import StatisticsError, correlation, linear_regression

from msp_ops.domain.finding import Measurement
from msp_ops.domain.record import record

PAST = timedelta(days=60)  # what is older says little of the present rate
HORIZON = timedelta(days=180)  # what is farther off is no forecast any more
LEAST_DAYS = 7
LEAST_POINTS = 5
FRESH = timedelta(days=7)
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
    """`free`: bytes at moments, in any order; of each day the last one counts, so that many looks weigh no more."""
    points = _one_a_day(free, now)
    if not points:
        return Growth(place=place, points=0, days=0, free=0, per_day=0, unknown="nobody measured it lately")
    first, last = points[0], points[-1]
    seen = Growth(place=place, points=len(points), days=(last.at - first.at).days, free=int(last.value), per_day=0)
    if unknown := _too_little(seen, now - last.at):
        return replace(seen, unknown=unknown)
    return _judged(seen, [((point.at - last.at).total_seconds(), float(point.value)) for point in points], last.at)


def _one_a_day(free: Sequence[Measurement], now: datetime) -> list[Measurement]:
    lately = sorted((point for point in free if now - PAST <= point.at <= now), key=lambda point: point.at)
    return list({point.at.astimezone(UTC).date(): point for point in lately}.values())


def _too_little(seen: Growth, age: timedelta) -> str:
    if age > FRESH:
        return f"it was measured {age.days} days ago for the last time"
    if seen.points < LEAST_POINTS or seen.days < LEAST_DAYS:
        return (
            f"measured on {seen.points} of {seen.days + 1} days; "
            f"{LEAST_POINTS} measurements over {LEAST_DAYS} days are needed"
        )
    return ""


def _judged(seen: Growth, points: Sequence[tuple[float, float]], last_at: datetime) -> Growth:
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
    return seen if left > HORIZON else replace(seen, full_on=(last_at + left).astimezone(UTC).date())
