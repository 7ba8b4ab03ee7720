from datetime import time, timedelta

import pytest

from msp_ops.calendar.words import describe, describe_window, moment_words, rule_words
from msp_ops.domain.schedule import Window
from tests.calendar.cast import AUDIT, PATCHING, acme, utc


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("FREQ=WEEKLY;BYDAY=SA", "every Saturday"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "every Monday, Wednesday and Friday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Monday to Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "every 2 weeks on Saturday"),
        ("FREQ=MONTHLY;BYDAY=2SA", "2nd Saturday"),
        ("FREQ=MONTHLY;BYDAY=1SA,3SA", "1st and 3rd Saturday"),
        ("FREQ=MONTHLY;BYDAY=1SA,-1FR", "1st Saturday and last Friday"),
        ("FREQ=MONTHLY;BYDAY=-2SU", "2nd last Sunday"),
        ("FREQ=MONTHLY;BYDAY=SU", "every Sunday"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,11,22,-1", "1st, 11th, 22nd and last day of the month"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2SA", "FREQ=MONTHLY;INTERVAL=2;BYDAY=2SA"),
        ("FREQ=YEARLY;BYMONTH=6", "FREQ=YEARLY;BYMONTH=6"),
    ],
)
def test_the_usual_rules_are_said_in_words_and_the_others_as_written(rule, words):
    assert rule_words(rule) == words


def test_a_schedule_in_a_window_is_said_with_its_span_and_place():
    assert describe(PATCHING, acme("America/New_York")) == "2nd Saturday 22:00\N{EN DASH}02:00 New York"


def test_a_schedule_with_its_own_time_is_said_with_its_start():
    assert describe(AUDIT, acme()) == "every day 06:00 Berlin"


def test_a_window_of_more_than_a_day_is_said_by_its_length():
    weekend = Window(id="w", rrule="FREQ=WEEKLY;BYDAY=FR", start=time(20), duration=timedelta(hours=58, minutes=30))
    assert describe_window(weekend, "UTC") == "every Friday 20:00 for 58.5 h UTC"


def test_a_moment_is_said_in_the_clients_zone():
    assert moment_words(utc("2026-12-12 23:05"), "Europe/Berlin") == "Sun 13 Dec 2026 00:05 Berlin"
