from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from msp_ops.reports.words import (
    Tile,
    clip,
    clock_time,
    count,
    full_day,
    listed,
    money,
    plural,
    printable,
    span,
    whole_seconds,
)


def test_none_one_and_many_read_right():
    assert [count(number, "machine") for number in (0, 1, 2)] == ["no machines", "1 machine", "2 machines"]
    assert [plural(number, "is", "are") for number in (0, 1, 2)] == ["are", "is", "are"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_a_list_of_names_is_a_sentence_of_bounded_length(names, sentence):
    assert listed(names) == sentence


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 min"), (40, "40 s"), (900, "15 min"), (6305, "1 h 45 min 5 s"), (3600, "1 h")]
)
def test_a_length_leaves_nothing_out(seconds, words):
    assert span(timedelta(seconds=seconds)) == words


def test_half_a_second_rounds_up_so_that_printed_lines_sum_to_the_printed_total():
    assert whole_seconds(timedelta(milliseconds=500)) == timedelta(seconds=1)
    assert whole_seconds(timedelta(milliseconds=499)) == timedelta(0)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("1240", "EUR", "€1,240.00"),
        ("0", "USD", "$0.00"),
        ("-23.75", "GBP", "\N{MINUS SIGN}£23.75"),
        ("1250", "JPY", "JPY\N{NO-BREAK SPACE}1,250"),
        ("0.125", "EUR", "€0.125"),
    ],
)
def test_money_has_the_decimals_of_its_currency_and_never_loses_one(amount, currency, words):
    assert money(Decimal(amount), currency) == words


def test_the_two_hours_of_a_clock_change_look_different():
    berlin = ZoneInfo("Europe/Berlin")
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC).astimezone(berlin) for hour in (0, 1))
    assert (clock_time(first), clock_time(second)) == ("02:30 CEST", "02:30 CET")


def test_days_are_spelt_the_same_in_every_locale():
    assert full_day(date(2026, 3, 1)) == "1 March 2026"
    assert Tile.of(date(2026, 12, 12)) == Tile(month="Dec", day="12", weekday="Saturday")


def test_what_hides_or_reorders_text_is_shown_as_a_mark():
    assert printable("a\x1b[31mb") == "a\ufffd[31mb"
    assert printable("\u202egpj.exe\u200b\u2066\ud800\x00") == "\ufffdgpj.exe" + "\ufffd" * 4
    assert printable("Zoë\N{NO-BREAK SPACE}→ 3 €") == "Zoë\N{NO-BREAK SPACE}→ 3 €"


def test_a_long_text_is_cut_and_says_so():
    assert clip("x" * 500) == "x" * 159 + "…"
    assert clip(" two\n lines\t") == "two lines"
