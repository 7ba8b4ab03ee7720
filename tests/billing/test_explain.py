"""A price told step by step, so that it can be followed by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from msp_ops.billing.entry import Entry
from msp_ops.billing.explain import explain
from msp_ops.billing.month import price_month
from msp_ops.domain.contract import Rounding
from msp_ops.domain.hours import WEEKDAYS, Hours, OpenHours
from msp_ops.domain.ledger import Decision
from tests.billing.cast import BLOCK, CARE, HOURLY, MORNING, care_of, client, work

NOVEMBER = date(2026, 11, 1)
OFFICE = Hours(open=(OpenHours(days=WEEKDAYS[:5], start=time(8), end=time(17)),))
HOUR = timedelta(hours=1)
WHAT = "break/fix on web1, by kim (senior), remote, ticket T-7"
AFTER_HOURS = "120.00 EUR/h (senior) x 1.5 after hours = 180.00 EUR/h"


def told(contracts, *entries, of="w1", hours=Hours()):  # noqa: B008  # frozen
    made = replace(client(contracts), hours=hours)
    return explain(made, price_month(made, NOVEMBER, entries), of)


def evening(**more):
    """16:45 to 18:20 in Berlin."""
    start = datetime(2026, 11, 3, 15, 45, tzinfo=UTC)
    span = timedelta(minutes=95)
    return Entry(record=work(span, span, activity="break/fix", started_at=start), succeeded=True, **more)


def test_every_contract_that_was_tried_is_named_with_the_reason():
    found = told([CARE, replace(HOURLY, id="old", until=date(2026, 10, 31)), HOURLY], evening())
    assert [(each.contract_id, each.prices, each.why) for each in found.tried] == [
        ("care", False, "covers patching, backup, health, not break/fix"),
        ("old", False, "ended on 2026-10-31, the work was done on 2026-11-03"),
        ("hourly", True, "in force on 2026-11-03, covers break/fix on web1"),
    ]


def test_a_contract_that_fits_in_part_ends_the_search():
    both = Entry(record=work(HOUR, hosts=("web1", "db1")), succeeded=True)
    found = told([care_of(hosts=("db1",)), HOURLY], both)
    assert [(each.contract_id, each.prices) for each in found.tried] == [("care", False)]
    assert "covers only some of the hosts, not web1" in found.tried[0].why
    assert [each.kind for each in found.questions] == ["undecided"]


def test_the_arithmetic_is_told_step_by_step():
    hourly = replace(HOURLY, multipliers={"after-hours": Decimal("1.5")}, role_rates={"senior": Decimal(120)})
    found = told([hourly], evening(role="senior"), hours=OFFICE)
    assert found.steps == (
        f"{WHAT}: 2026-11-03 16:45:00 to 18:20:00 in Europe/Berlin, 1 h 35 min measured",
        "2026-11-03 16:45:00 to 17:00:00: 15 min in business hours",
        "2026-11-03 17:00:00 to 18:20:00: 1 h 20 min after hours",
        "the record: 1 h 35 min in all, 1 h 45 min rounded once (15-minute steps)",
        "15 min in business hours x 120.00 EUR/h (senior): EUR 30.00 (break-fix.hourly)",
        f"1 h 30 min after hours x {AFTER_HOURS}: EUR 270.00 (break-fix.hourly)",
    )
    assert [str(each.amount) for each in found.charges] == ["30.00", "270.00"]
    all_of_it = "of 1 h 35 min measured and 1 h 45 min billed in all (15-minute steps)"
    assert [each.reason for each in found.charges] == [
        f"break/fix at 120.00 EUR/h (senior): 15 min measured, 15 min billed, {all_of_it}",
        f"break/fix at {AFTER_HOURS}: 1 h 20 min measured, 1 h 30 min billed, {all_of_it}",
    ]


def test_records_that_were_rounded_together_are_named():
    by_ticket = replace(HOURLY, rounding=Rounding(increment=HOUR, scope="ticket"))
    one = Entry(record=replace(work(HOUR, HOUR / 2, activity="break/fix"), id="w2"), succeeded=True)
    later = replace(work(HOUR, HOUR / 2, activity="break/fix", started_at=MORNING + HOUR), id="w1")
    found = told([by_ticket], one, Entry(record=later, succeeded=True))
    assert "ticket T-7, with w2: 1 h in all, 1 h rounded once (60-minute steps)" in found.steps


def test_what_a_block_holds_behind_the_work_is_told():
    found = told([BLOCK], evening())
    assert found.steps[-2:] == (
        "1 h 45 min in business hours: 1 h 45 min drawn, no money (block.drawn)",
        "behind this 18 h 15 min are left of 'block-2026'",
    )


def test_a_dear_hour_draws_more_than_itself():
    found = told([replace(BLOCK, multipliers={"after-hours": Decimal("1.5")})], evening(), hours=OFFICE)
    assert found.steps[-2] == "1 h 30 min after hours x 1.5: 2 h 15 min drawn, no money (block.drawn)"


def test_time_on_no_host_is_told_without_one():
    found = told([HOURLY], Entry(record=replace(evening().record, host_ids=()), succeeded=True))
    assert found.tried[0].why == "in force on 2026-11-03, covers break/fix"


def test_a_persons_word_comes_before_all_contracts():
    word = Decision(record_id="w1", contract_id="hourly", by="sam", reason="agreed by phone", at=MORNING)
    found = told([BLOCK, HOURLY], evening(decision=word))
    assert [(each.contract_id, each.prices, each.why) for each in found.tried] == [
        ("hourly", True, "sam decided (agreed by phone)")
    ]
    assert found.charges[0].reason.startswith("sam decided (agreed by phone): break/fix at 95.00 EUR/h")


def test_minutes_that_count_elsewhere_are_told():
    other = Entry(record=replace(evening().record, id="w0", client_id="other"), succeeded=True)
    made = client([HOURLY])
    found = explain(made, price_month(made, NOVEMBER, [evening()], [other]), "w1")
    assert "2026-11-03 16:45:00 to 18:20:00 counts in w0 already" in found.steps[1]
    (charge,) = found.charges
    assert charge.reason == "1 h 35 min of kim count once, in another record: 16:45:00 to 18:20:00 w0 of another client"


def test_a_record_of_another_month_cannot_be_explained():
    with pytest.raises(KeyError):
        told([HOURLY], evening(), of="w9")
