"""What a month owes beside its work, and the terms that its lines carry."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from msp_ops.billing.entry import Entry
from msp_ops.billing.month import price_month
from msp_ops.domain.canonical import digest
from msp_ops.domain.hours import Holidays, Hours, OpenHours
from tests.billing.cast import BLOCK, CARE, HOURLY, client, work

HOUR = timedelta(hours=1)
OFFICE = Hours(open=(OpenHours(days=("mon",), start=time(8), end=time(17)),), holidays=Holidays(country="DE"))


def owed(contract, month):
    priced = price_month(client([contract]), month, ())
    return [(each.rule, each.amount) for each in priced.charges]


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (date(2026, 1, 1), []),
        (date(2026, 2, 1), [("managed.fee", Decimal("890.00"))]),
        (date(2026, 4, 1), [("managed.fee", Decimal("890.00"))]),
        (date(2026, 5, 1), []),
    ],
)
def test_a_plans_fee_is_owed_for_each_month_in_which_it_is_in_force_on_a_day(month, expected):
    assert owed(replace(CARE, since=date(2026, 2, 28), until=date(2026, 4, 1)), month) == expected


def test_a_block_is_bought_once_or_each_month():
    once = replace(BLOCK, since=date(2026, 2, 20), until=date(2026, 4, 1), price=Decimal(1800))
    bought = [("block.bought", Decimal("1800.00"))]
    months = [date(2026, number, 1) for number in range(1, 6)]
    assert [owed(once, month) for month in months] == [[], bought, [], [], []]
    assert [owed(replace(once, per="month"), month) for month in months] == [[], bought, bought, bought, []]
    assert owed(replace(once, price=Decimal(0)), months[1]) == []


def test_a_month_without_work_owes_its_fees_and_asks_nothing():
    priced = price_month(client([CARE, HOURLY]), date(2026, 11, 1), ())
    assert (priced.total, priced.questions) == (Decimal("890.00"), ())


def terms_of(a_client):
    (charge,) = price_month(a_client, date(2026, 11, 1), [Entry(record=work(HOUR), succeeded=True)]).charges
    return charge.terms


def test_the_terms_of_a_charge_are_all_that_made_its_price():
    plain = client([HOURLY])
    others = [
        client([replace(HOURLY, hourly_rate=Decimal("95.01"))]),
        client([HOURLY], timezone="Europe/Lisbon"),
        client([HOURLY], currency="USD"),
        replace(plain, hours=OFFICE),
        replace(plain, hours=replace(OFFICE, holidays=Holidays())),
        replace(plain, hours=Hours(open=(replace(OFFICE.open[0], end=time(18)),))),
    ]
    assert len({terms_of(each) for each in (plain, *others)}) == 7
    assert terms_of(replace(plain, name="Another name")) == terms_of(plain)


def test_the_terms_name_the_rules_of_the_holidays_where_they_count():
    priced = price_month(replace(client([HOURLY]), hours=OFFICE), date(2026, 11, 1), ())
    ((name, terms),) = priced.terms.items()
    assert (terms.holidays, name) == ("holidays 0.109", digest(terms))
    (plain,) = price_month(client([HOURLY]), date(2026, 11, 1), ()).terms.values()
    assert plain.holidays is None
