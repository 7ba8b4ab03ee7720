from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msp_ops.billing.charges import charge
from msp_ops.billing.money import cost, digits, in_minor_units
from msp_ops.billing.rounding import billed_time, measured_time
from msp_ops.domain.contract import Rounding
from tests.billing.cast import BLOCK, CARE, client, hourly, work

quick = settings(max_examples=150, derandomize=True, deadline=None, database=None)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def seconds(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low, high).map(lambda number: number * SECOND)


a_span = seconds(0, 40 * 3600)
a_rounding = st.builds(
    Rounding,
    increment=st.sampled_from([0, 1, 6, 15, 30, 60]).map(lambda number: number * MINUTE),
    minimum=st.sampled_from([0, 15, 30, 120]).map(lambda number: number * MINUTE),
    grace=st.sampled_from([0, 5, 10, 15]).map(lambda number: number * MINUTE),
)
a_rate = st.decimals(min_value=0, max_value=500, places=3)
a_currency = st.sampled_from(["EUR", "USD", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("measured", "rounding", "billed"),
    [
        (80, Rounding(), 90),
        (15, Rounding(), 15),
        (35, Rounding(increment=30 * MINUTE, grace=10 * MINUTE), 30),
        (40, Rounding(increment=30 * MINUTE, grace=10 * MINUTE), 30),
        (41, Rounding(increment=30 * MINUTE, grace=10 * MINUTE), 60),
        (3, Rounding(minimum=30 * MINUTE), 30),
        (3, Rounding(minimum=30 * MINUTE, grace=10 * MINUTE), 30),
        (3, Rounding(grace=10 * MINUTE), 0),
        (0, Rounding(minimum=30 * MINUTE), 0),
        (7, Rounding(increment=timedelta(0)), 7),
    ],
)
def test_minutes_become_billed_minutes_as_the_contract_says(measured, rounding, billed):
    assert billed_time(measured * MINUTE, rounding) == billed * MINUTE


@quick
@given(measured=a_span, rounding=a_rounding)
def test_rounding_loses_no_time_but_the_grace(measured, rounding):
    assert billed_time(measured, rounding) >= measured - rounding.grace


@quick
@given(measured=a_span, rounding=a_rounding)
def test_rounding_adds_less_than_one_step_over_the_minimum(measured, rounding):
    assert billed_time(measured, rounding) <= max(measured + max(rounding.increment, SECOND) - SECOND, rounding.minimum)


@quick
@given(measured=a_span, more=a_span, rounding=a_rounding, rate=a_rate, currency=a_currency)
def test_more_work_never_costs_less(measured, more, rounding, rate, currency):
    less, greater = (cost(billed_time(span, rounding), rate, currency) for span in (measured, measured + more))
    assert less <= greater


@quick
@given(span=a_span, rate=a_rate, currency=a_currency)
def test_an_amount_is_the_nearest_whole_number_of_minor_units_and_half_goes_up(span, rate, currency):
    unit = 10 ** digits(currency)
    exact = Fraction(rate) * int(span.total_seconds()) / 3600
    amount = cost(span, rate, currency)
    assert Fraction(amount) * unit == (exact * unit + Fraction(1, 2)).__floor__()
    assert -amount.as_tuple().exponent == digits(currency)


@quick
@given(measured=a_span, rounding=a_rounding, rate=a_rate, currency=a_currency)
def test_a_charge_can_be_worked_out_again_from_what_it_says(measured, rounding, rate, currency):
    (charged,) = charge(
        work(machine=measured), client([hourly(rounding, str(rate))], currency=currency), succeeded=True
    )
    assert charged.amount == cost(charged.billed, charged.rate, charged.currency)


@quick
@given(measured=a_span, attended=st.none() | a_span)
def test_covered_and_prepaid_work_never_costs(measured, attended):
    for contract in (CARE, replace(BLOCK, hours=Decimal(40))):
        (charged,) = charge(work(machine=measured, attended=attended), client([contract]), succeeded=True)
        assert charged.amount == 0


@quick
@given(spans=st.lists(a_span, max_size=30), rate=a_rate, currency=a_currency)
def test_lines_sum_to_the_total_exactly(spans, rate, currency):
    amounts = [cost(span, rate, currency) for span in spans]
    total = sum(amounts, Decimal(0))
    assert total == in_minor_units(total, currency)
    assert int(total * 10 ** digits(currency)) == sum(int(amount * 10 ** digits(currency)) for amount in amounts)


def test_a_hair_over_a_quarter_of_an_hour_does_not_cost_the_next_one():
    record = work(machine=15 * MINUTE + timedelta(microseconds=300))
    assert billed_time(measured_time(record), Rounding()) == 15 * MINUTE


def test_work_of_less_than_a_second_is_still_work():
    assert measured_time(work(machine=timedelta(milliseconds=300))) == SECOND


def test_an_eighth_rounds_up_and_not_to_the_even_neighbour():
    assert str(in_minor_units(Decimal("0.125"), "EUR")) == "0.13"
