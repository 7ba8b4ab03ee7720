from datetime import timedelta
from decimal import Decimal

import pytest

from msp_ops.billing.charges import charge
from msp_ops.domain.contract import Rounding
from tests.billing.cast import BLOCK, CARE, HOURLY, client, hourly, work

FOUR_MINUTES = timedelta(minutes=4)


def test_maintenance_in_the_plan_is_covered_and_says_by_which():
    (charged,) = charge(work(), client([CARE]), succeeded=True)
    assert (charged.rule, charged.contract_id, charged.amount) == ("managed.covered", "care", Decimal("0.00"))
    assert charged.reason == "patching is in the plan 'care'"
    assert (charged.measured, charged.billed) == (FOUR_MINUTES, timedelta(0))


def test_break_fix_is_billed_by_the_hour_and_can_be_followed_by_hand():
    (charged,) = charge(work(attended=FOUR_MINUTES, activity="break/fix"), client([HOURLY]), succeeded=True)
    assert (charged.rule, charged.amount, charged.currency) == ("break-fix.hourly", Decimal("23.75"), "EUR")
    assert charged.reason == "break/fix at 95.00 EUR/h: 4 min measured, 15 min billed (15-minute steps)"


def test_on_demand_work_is_billed_by_the_persons_time_not_the_machines():
    attended = timedelta(minutes=20)
    (charged,) = charge(work(timedelta(hours=3), attended), client([HOURLY]), succeeded=True)
    assert (charged.measured, charged.billed) == (timedelta(minutes=20), timedelta(minutes=30))


def test_work_that_ran_by_itself_is_billed_by_the_machines_time():
    (charged,) = charge(work(machine=timedelta(minutes=50)), client([HOURLY]), succeeded=True)
    assert (charged.measured, charged.amount) == (timedelta(minutes=50), Decimal("95.00"))


def test_block_hours_are_drawn_and_cost_nothing_more():
    (charged,) = charge(work(), client([BLOCK]), succeeded=True)
    assert (charged.rule, charged.rate, charged.amount) == ("block.drawn", Decimal(0), Decimal("0.00"))
    assert charged.billed == timedelta(minutes=15)
    assert charged.reason == (
        "15 min drawn from the block 'block-2026' of 20 h: 4 min measured, 15 min billed (15-minute steps)"
    )


def test_without_a_contract_nothing_is_silently_free_a_person_must_decide():
    (charged,) = charge(work(), client([]), succeeded=True)
    assert (charged.rule, charged.contract_id, charged.amount) == ("none.undecided", None, Decimal("0.00"))
    assert charged.measured == FOUR_MINUTES
    assert charged.reason == (
        "no contract of Acme covers patching on web1 on 2026-11-03: a person must decide what it costs"
    )


@pytest.mark.parametrize("contract", [CARE, HOURLY, BLOCK])
def test_work_that_did_not_succeed_costs_nothing_under_any_contract(contract):
    (charged,) = charge(work(), client([contract]), succeeded=False)
    assert (charged.rule, charged.contract_id) == ("not-succeeded.no-charge", contract.id)
    assert (charged.amount, charged.billed, charged.measured) == (Decimal("0.00"), timedelta(0), FOUR_MINUTES)
    assert charged.reason == "no charge: the work did not reach its aim"


def test_an_estimated_time_is_said_to_be_one():
    (charged,) = charge(work(flags=("estimated",)), client([HOURLY]), succeeded=True)
    assert charged.reason.endswith("; the time is estimated, a person should check it")
    assert charged.amount == Decimal("23.75")


def test_a_currency_without_cents_is_billed_in_whole_units():
    (charged,) = charge(
        work(), client([hourly(Rounding(increment=timedelta(seconds=1)), "9990")], currency="JPY"), succeeded=True
    )
    assert str(charged.amount) == "666"
    assert "9,990 JPY/h" in charged.reason
