"""When a disk will be full: a straight line through what was measured, or an honest no."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.finding import Measurement
from msp_ops.domain.growth import growth

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GIB = 1024**3


def free(days_ago: float, gib: float) -> Measurement:
    return Measurement(
        name="disk_free:/var", value=Decimal(round(gib * GIB)), unit="bytes", at=NOW - timedelta(days=days_ago)
    )


def falling(days: int = 14, left: float = 10, rate: float = 1) -> list[Measurement]:
    return [free(ago, left + rate * ago) for ago in range(days, -1, -1)]


def test_a_disk_that_fills_up_evenly_is_full_when_the_line_meets_nothing() -> None:
    told = growth("/var", falling(), NOW)
    assert (told.full_on, told.per_day, told.unknown) == (date(2026, 12, 3), GIB, "")
    assert (told.points, told.days, told.free) == (15, 14, 10 * GIB)


def test_the_order_and_the_number_of_looks_in_a_day_weigh_nothing() -> None:
    many = [*reversed(falling()), *(free(14 - n / 1000, 99) for n in range(-400, -200))]
    assert growth("/var", many, NOW).full_on == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("figures", "unknown"),
    [
        ([], "nobody measured it lately"),
        ([free(61, 5)], "nobody measured it lately"),
        (falling(days=5), "measured on 6 of 6 days; 5 measurements over 7 days are needed"),
        ([free(20, 30), free(10, 20), free(1, 11)], "measured on 3 of 20 days; 5 measurements over 7 days are needed"),
        (falling()[:-8], "it was measured 8 days ago for the last time"),
        ([free(ago, 20 + 15 * (ago % 2) + ago / 10) for ago in range(14, -1, -1)], "it does not fill up evenly"),
    ],
    ids=["nothing", "long-ago", "too-short", "too-few", "stale", "up-and-down"],
)
def test_too_little_is_never_a_forecast(figures: list[Measurement], unknown: str) -> None:
    told = growth("/var", figures, NOW)
    assert (told.full_on, told.unknown) == (None, unknown)


@pytest.mark.parametrize(
    "figures",
    [falling(rate=-1, left=50), falling(rate=0), falling(rate=0.01), falling(rate=1e-9, left=1e6)],
    ids=["empties", "stands-still", "years-away", "nearly-still"],
)
def test_what_is_not_soon_full_has_no_day_and_is_not_unknown(figures: list[Measurement]) -> None:
    told = growth("/var", figures, NOW)
    assert (told.full_on, told.unknown) == (None, "")


def test_a_disk_that_was_made_bigger_a_moment_ago_does_not_frighten_anybody() -> None:
    """Free space fell by a gibibyte a day, then somebody gave it 100."""
    figures = [*falling()[:-1], free(0, 110)]
    assert growth("/var", figures, NOW).full_on is None


CLEARED = [*(free(ago, ago - 15) for ago in range(45, 15, -1)), *(free(ago, 40 + ago) for ago in range(15, -1, -1))]
ENLARGED = [*(free(ago, ago) for ago in range(40, 20, -1)), *(free(ago, 80 + ago / 2) for ago in range(20, -1, -1))]


@pytest.mark.parametrize(
    ("figures", "full_on", "per_day"),
    [(CLEARED, date(2027, 1, 2), 1), (ENLARGED, date(2027, 5, 2), 0.5)],
    ids=["cleared", "enlarged"],
)
def test_after_somebody_made_room_the_rate_since_then_counts(
    figures: list[Measurement], full_on: date, per_day: float
) -> None:
    """A line through all of it would rise, and say that the disk never fills up."""
    told = growth("/var", figures, NOW)
    assert (told.full_on, told.per_day, told.unknown) == (full_on, per_day * GIB, "")


def test_soon_after_somebody_made_room_nobody_can_tell_yet() -> None:
    told = growth("/var", [*falling(40)[:-3], *(free(ago, 200 + ago) for ago in (2, 1, 0))], NOW)
    assert (told.full_on, told.per_day) == (None, 0)
    assert told.unknown.startswith("since its free space leapt on 2026-11-21: measured on 3 of 3 days; ")


def test_one_large_thing_that_was_put_there_is_no_rate() -> None:
    figures = [free(ago, 100 if ago > 14 else 40) for ago in range(29, -1, -1)]
    assert growth("/var", figures, NOW) == growth("/var", figures[15:], NOW)
    assert growth("/var", figures, NOW).full_on is None


def test_a_disk_that_began_to_fill_up_fast_is_never_taken_for_one_that_does_not() -> None:
    figures = [free(ago, 100 - 6 * max(0, 11 - ago) + ago % 2 / 100) for ago in range(50, -1, -1)]
    told = growth("/var", figures, NOW)
    assert told.full_on or told.unknown == "it does not fill up evenly"


def test_what_would_be_full_by_now_is_not_full_in_the_past() -> None:
    assert growth("/var", [free(ago, ago - 5) for ago in range(20, 5, -1)], NOW).full_on == NOW.date()


def test_a_disk_that_is_full_is_full_today() -> None:
    assert growth("/var", falling(left=0), NOW).full_on == date(2026, 11, 23)
