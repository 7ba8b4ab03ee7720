from datetime import timedelta
from decimal import Decimal

import pytest

from msp_ops.billing.words import money_words, rate_words, rounding_words, time_words
from msp_ops.domain.contract import Rounding


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 min"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(minutes=15, seconds=20), "15 min 20 s"),
        (timedelta(hours=1, minutes=45), "1 h 45 min"),
        (timedelta(days=1, hours=7), "31 h"),
        (timedelta(hours=2, seconds=5, microseconds=9), "2 h 5 s"),
    ],
)
def test_a_time_is_said_to_the_second(span, words):
    assert time_words(span) == words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("71.25", "EUR", "EUR 71.25"),
        ("0", "EUR", "EUR 0.00"),
        ("1250", "JPY", "JPY 1,250"),
        ("1250.5", "KWD", "KWD 1,250.500"),
        ("-71.25", "EUR", "EUR -71.25"),
    ],
)
def test_money_is_said_with_its_currency(amount, currency, words):
    assert money_words(Decimal(amount), currency) == words


def test_a_rate_finer_than_the_currency_is_not_rounded():
    assert rate_words(Decimal("133.335"), "EUR") == "133.335 EUR/h"
    assert rate_words(Decimal(100), "EUR") == "100.00 EUR/h"


def test_a_rounding_is_said_with_all_that_it_does():
    rounding = Rounding(increment=timedelta(minutes=30), minimum=timedelta(hours=2), grace=timedelta(minutes=10))
    assert rounding_words(rounding) == "30-minute steps, at least 2 h, 10 min of grace"
    assert rounding_words(Rounding(increment=timedelta(seconds=30))) == "30 s steps"
    assert rounding_words(Rounding(increment=timedelta(0))) == "to the second"
