"""The month's price against examples that were worked out by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.duration import read_duration
from tests.billing.examples import ALL, priced


def spans(words):
    return tuple(read_duration(word) for word in words)


@pytest.mark.parametrize("example", ALL, ids=[example["name"] for example in ALL])
def test_a_month_costs_what_was_worked_out_by_hand(example, tmp_path):
    month = priced(example, tmp_path)
    assert str(month.total) == example["total"]
    assert sum((charge.amount for charge in month.charges), Decimal(0)) == Decimal(example["total"])
    if "charges" in example:
        found = [
            (each.record_id, each.rule, each.hour_class, each.measured, each.billed, str(each.amount))
            for each in month.charges
        ]
        meant = [
            (None if record == "null" else record, rule, hour_class, *spans((measured, billed)), amount)
            for record, rule, hour_class, measured, billed, amount in example["charges"]
        ]
        assert found == meant
    if "billed" in example:
        assert sum((charge.billed for charge in month.charges), timedelta(0)) == read_duration(example["billed"])
    if "balances" in example:
        assert [
            (each.contract_id, each.carried, each.bought, each.drawn, each.expired, each.left)
            for each in month.balances
        ] == [(name, *spans(rest)) for name, *rest in example["balances"]]
