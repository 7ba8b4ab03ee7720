from datetime import date, timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.contract import Contract, Managed, Scope
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostResult
from msp_ops.domain.trigger import Event, OnDemand, Scheduled, Trigger
from msp_ops.domain.work import WorkRecord
from msp_ops.store.encode import rebuild, written
from tests.store.cast import looked, result, work

CARE = Managed(
    kind="managed", id="care", monthly_fee=Decimal("480.50"), since=date(2026, 1, 1), scope=Scope(hosts=("web1",))
)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Trigger, OnDemand(ticket=None, reason="")),
        (Trigger, Scheduled(occurrence="o1")),
        (Trigger, Event(source="mail", key="1")),
        (WorkRecord, work("r1")),
        (HostResult, result("web1", Outcome.UNKNOWN, looked("disk"))),
        (Contract, CARE),
        (Outcome, Outcome.NOT_REACHED),
        (tuple[str, ...], ("a", "ß", "")),
        (dict[str, str], {"a": "1", "b": "\u2028\x00"}),
        (timedelta, timedelta(days=400, microseconds=1)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_was_written_is_rebuilt_equal(kind, value):
    assert rebuild(kind, written(value)) == value
