from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msp_ops.calendar.forecast import forecast, too_long
from tests.calendar.cast import utc

MINUTE = timedelta(minutes=1)
NOW = utc("2026-12-12 22:00")


def minutes(*counts):
    return [count * MINUTE for count in counts]


@pytest.mark.parametrize(
    ("past", "minute"),
    [
        ((), 10),
        ((1, 2), 10),
        ((3, 1, 2), 3),
        (range(1, 10), 9),
        (range(1, 11), 9),
        (range(1, 12), 10),
        (range(1, 101), 90),
    ],
)
def test_nine_of_ten_took_no_longer_and_without_three_of_them_the_runbook_is_believed(past, minute):
    assert forecast(minutes(*past), 10 * MINUTE) == minute * MINUTE


@given(past=st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)), min_size=3))
def test_the_forecast_is_the_least_past_duration_that_nine_of_ten_did_not_exceed(past):
    said = forecast(past, timedelta(0))
    assert said in past
    assert sum(each <= said for each in past) * 10 >= len(past) * 9
    assert sum(each < said for each in past) * 10 < len(past) * 9


def test_a_host_that_fits_to_the_moment_begins():
    assert too_long(minutes(1, 2, 3), MINUTE, NOW, NOW + 3 * MINUTE) is None


def test_nothing_is_too_long_when_there_is_no_end():
    assert too_long(minutes(1, 2, 3), MINUTE, NOW, None) is None


def test_a_host_that_does_not_fit_is_told_what_it_needs_and_what_is_left():
    past = [*minutes(1, 2), timedelta(minutes=3, microseconds=1)]
    assert too_long(past, MINUTE, NOW, NOW + 3 * MINUTE) == (
        "a host takes up to 3m1s (as nine of ten did of the last 3) and 3m are left until changes must end"
    )


def test_without_a_past_the_runbooks_word_is_named_as_such():
    assert too_long([], 10 * MINUTE, NOW, NOW + 8 * MINUTE) == (
        "a host takes up to 10m (as its runbook expects) and 8m are left until changes must end"
    )


def test_after_the_end_nothing_is_left():
    said = too_long([], 10 * MINUTE, NOW, NOW - MINUTE)
    assert said is not None
    assert "0s are left" in said
