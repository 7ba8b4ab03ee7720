"""What a month would have cost otherwise, with the basis of the figure."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from msp_ops.billing.comparisons import by_the_hour, with_a_plan
from msp_ops.billing.entry import Entry
from msp_ops.domain.contract import Rounding, Scope
from tests.billing.cast import BLOCK, CARE, HOURLY, MORNING, client, work

NOVEMBER = date(2026, 11, 1)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REPAIRS = replace(HOURLY, scope=Scope(activities=("break/fix",)))


def night(number, length=20 * MINUTE, *, succeeded=True, **more):
    made = work(length, **more)
    return Entry(record=replace(made, id=f"w{number}"), succeeded=succeeded)


def repair(number, length=HOUR):
    made = work(length, length, activity="break/fix", started_at=MORNING + number * 2 * HOUR)
    return Entry(record=replace(made, id=f"r{number}"), succeeded=True)


def test_covered_work_is_priced_as_break_fix_by_the_clients_own_contract():
    found = by_the_hour(client([CARE, REPAIRS]), NOVEMBER, [night(1), night(2), repair(3)])
    assert (found.amount, found.paid) == (Decimal("95.00"), Decimal("890.00"))  # 2 x 30 min; the repair is paid anyway
    assert found.basis == (
        "as break/fix by 'hourly' at 95.00 EUR/h (15-minute steps): 2 records, 40 min measured, 1 h billed"
    )


def test_an_offer_gives_the_rate_where_no_contract_has_one():
    assert by_the_hour(client([CARE]), NOVEMBER, [night(1)]) is None
    offered = replace(client([CARE]), offers=(REPAIRS,))
    assert by_the_hour(offered, NOVEMBER, [night(1)]).amount == Decimal("47.50")


def test_rounding_and_minutes_are_those_of_a_real_month():
    by_day = replace(REPAIRS, rounding=Rounding(scope="day"))
    assert by_the_hour(client([CARE, by_day]), NOVEMBER, [night(1), night(2)]).amount == Decimal("71.25")  # 40 -> 45
    failed = night(3, succeeded=False)
    assert by_the_hour(client([CARE, by_day]), NOVEMBER, [night(1), night(2), failed]).amount == Decimal("71.25")


def test_without_covered_work_there_is_nothing_to_compare():
    assert by_the_hour(client([CARE, REPAIRS]), NOVEMBER, [repair(1)]) is None
    assert by_the_hour(client([HOURLY]), NOVEMBER, [night(1)]) is None


def test_a_client_without_a_plan_is_compared_with_its_offer():
    offer = replace(CARE, id="full", since=date(2027, 1, 1), monthly_fee=Decimal(300))
    made = replace(client([HOURLY]), offers=(offer,))
    found = with_a_plan(made, NOVEMBER, [night(1, 4 * HOUR), night(2), repair(3)])
    assert found.paid == Decimal("522.50")  # 4 h, 30 min and 1 h at 95
    assert found.amount == Decimal("395.00")  # the fee, and the repair
    assert found.basis == (
        "with the plan 'full': EUR 300.00 for the month, which covers 2 of 3 records; the rest as it is"
    )


def test_who_has_a_plan_or_no_offer_is_not_compared():
    assert with_a_plan(client([HOURLY]), NOVEMBER, [night(1)]) is None
    assert with_a_plan(replace(client([CARE, HOURLY]), offers=(CARE,)), NOVEMBER, [night(1)]) is None


def test_a_block_keeps_what_it_held_when_it_is_compared():
    made = replace(client([BLOCK]), offers=(replace(CARE, id="full"),))
    found = with_a_plan(made, NOVEMBER, [repair(1)])
    assert (found.paid, found.amount) == (Decimal("0.00"), Decimal("890.00"))
