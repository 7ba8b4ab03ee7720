from datetime import date, timedelta
from itertools import islice, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msp_ops.calendar.rules import ANCHOR, rule_days, rule_mistake
from msp_ops.domain.errors import FileError

RULES = [
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;WKST=SU",
    "FREQ=MONTHLY;BYDAY=2SA",
    "FREQ=MONTHLY;INTERVAL=5;BYDAY=-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=11,12,13,14,15,16,17",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;INTERVAL=3;BYMONTH=6",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
]
a_day = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def days(rule: str, first: date, last: date) -> list[date]:
    return list(takewhile(lambda day: day <= last, rule_days(rule, first)))


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(rule=st.sampled_from(RULES), first=a_day)
def test_a_rule_gives_the_same_days_whenever_it_is_asked(rule, first):
    last = first + timedelta(days=800)
    assert days(rule, first, last) == [day for day in days(rule, ANCHOR, last) if day >= first]


def test_every_second_week_counts_from_the_first_monday_of_the_century():
    assert ANCHOR.strftime("%A") == "Monday"
    found = days("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", date(2026, 12, 1), date(2027, 1, 31))
    assert all((day - ANCHOR).days // 7 % 2 == 0 for day in found)
    assert [str(day) for day in found] == ["2026-12-05", "2026-12-19", "2027-01-02", "2027-01-16", "2027-01-30"]


def test_the_friday_after_the_second_tuesday_can_be_written():
    rule = "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=11,12,13,14,15,16,17"
    for friday in islice(rule_days(rule, date(2026, 1, 1)), 24):
        tuesday = friday - timedelta(days=3)
        assert 8 <= tuesday.day <= 14


def test_a_month_without_a_31st_has_no_day():
    found = days("FREQ=MONTHLY;BYMONTHDAY=31", date(2026, 1, 1), date(2026, 12, 31))
    assert [day.month for day in found] == [1, 3, 5, 7, 8, 10, 12]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "BYDAY=SA",
        "RRULE:FREQ=DAILY",
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=3",
        "FREQ=DAILY;UNTIL=20270101",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYDAY=2SA",
        "FREQ=MONTHLY;BYDAY=9SA",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY\nRDATE:20260101",
        "DTSTART:20200101\nRRULE:FREQ=DAILY",
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_an_example_of_a_right_one(rule):
    with pytest.raises(FileError, match="write for example FREQ=WEEKLY;BYDAY=SA"):
        next(rule_days(rule, ANCHOR))
    assert rule_mistake(rule) is not None


def test_a_rule_for_the_30th_of_february_is_told_before_anybody_waits_for_it():
    assert "has no day in any year" in (rule_mistake("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30") or "")


def test_the_rules_of_these_tests_are_sound():
    assert [rule_mistake(rule) for rule in RULES] == [None] * len(RULES)
