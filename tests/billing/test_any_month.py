"""What holds of every month, whatever was agreed and worked."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from msp_ops.billing.balances import at_hand
from msp_ops.billing.entry import Entry, span_of
from msp_ops.billing.minutes import whose_minutes
from msp_ops.billing.money import in_minor_units
from msp_ops.billing.month import price_month
from msp_ops.billing.rounding import billed_time, measured_time
from msp_ops.domain.contract import BlockHours, BreakFix, Managed, OnSite, Rounding, Scope
from msp_ops.domain.hours import WEEKDAYS, Holidays, Hours, OpenHours
from tests.billing.cast import client, interval, work
from tests.billing.examples import drawn

quick = settings(max_examples=60, derandomize=True, deadline=None, database=None)
SECOND, MINUTE, HOUR, NOTHING = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(0)
MONTHS = [date(2026, 3, 1), date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]
OFFICE = Hours(
    open=(OpenHours(days=WEEKDAYS[:5], start=time(8), end=time(17, 30)),), holidays=Holidays(also=(date(2026, 11, 2),))
)
SINCE = date(2026, 1, 1)

a_rounding = st.builds(
    Rounding,
    increment=st.sampled_from([SECOND, MINUTE, 6 * MINUTE, 15 * MINUTE, HOUR]),
    minimum=st.sampled_from([NOTHING, 30 * MINUTE]),
    grace=st.sampled_from([NOTHING, 5 * MINUTE]),
    scope=st.sampled_from(["entry", "ticket", "day"]),
)
a_multiplier = st.sampled_from([Decimal(number) for number in ("0", "0.85", "1", "1.5", "2.333333")])
a_rate = st.decimals(min_value=0, max_value=300, places=2)
ways = {
    "since": st.just(SINCE),
    "rounding": a_rounding,
    "multipliers": st.dictionaries(st.sampled_from(["business", "after-hours", "weekend", "holiday"]), a_multiplier),
    "role_rates": st.dictionaries(st.sampled_from(["senior"]), a_rate),
    "on_site": st.builds(OnSite, hourly_rate=st.none() | a_rate, minimum=st.none() | st.just(2 * HOUR)),
}
some_hours = st.sampled_from([Decimal(number) for number in ("0.5", "3", "7.25", "100")])
a_plan = st.builds(
    Managed,
    kind=st.just("managed"),
    id=st.just("plan"),
    monthly_fee=a_rate,
    scope=st.just(Scope(activities=("patching",))),
    covered_hours=st.sampled_from([(), ("business",)]),
    included_hours=st.none() | some_hours,
    overage_rate=a_rate,
    **ways,
)
a_block = st.builds(
    BlockHours,
    kind=st.just("block-hours"),
    id=st.just("block"),
    scope=st.just(Scope(activities=("health",))),
    hours=some_hours,
    overage_rate=a_rate,
    per=st.sampled_from(["once", "month"]),
    rollover_cap=st.sampled_from([Decimal(0), Decimal(2)]),
    price=a_rate,
    **(ways | {"since": st.sampled_from([SINCE, date(2026, 9, 20)])}),
)
an_hourly = st.builds(BreakFix, kind=st.just("break-fix"), id=st.just("repairs"), hourly_rate=a_rate, **ways)


@st.composite
def clients(draw):
    contracts = [draw(a_plan), draw(a_block), *draw(st.lists(an_hourly, max_size=1))]
    made = client(contracts, timezone=draw(st.sampled_from(ZONES)), currency=draw(st.sampled_from(["EUR", "JPY"])))
    return replace(made, hours=draw(st.sampled_from([OFFICE, Hours()])))


@st.composite
def entry(draw, month, name):
    start = datetime(month.year, month.month, 2, tzinfo=UTC) + draw(st.integers(0, 26 * 24 * 60)) * MINUTE
    took = draw(st.sampled_from([1, 61, 700, 2700, 5400, 30_000])) * SECOND
    person = draw(st.sampled_from([None, "kim", "sam"]))
    made = work(took, took if person else None, activity=draw(st.sampled_from(["patching", "health", "break/fix"])))
    record = replace(
        made,
        id=name,
        machine=interval(took, start),
        attended=interval(took, start) if person else None,
        ticket=draw(st.sampled_from([None, "T-1", "T-2"])) if person else None,
        person=person,
        place=draw(st.sampled_from(["remote", "on-site"])) if person else "remote",
    )
    role = "senior" if person == "kim" else None
    return Entry(record=record, succeeded=draw(st.sampled_from([True, True, True, False, None])), role=role)


@st.composite
def months(draw):
    month = draw(st.sampled_from(MONTHS))
    return draw(clients()), month, [draw(entry(month, f"w{number}")) for number in range(draw(st.integers(0, 14)))]


def costs(group):
    """The group's price straight from its parts: exact, then rounded."""
    return sum((part.rate.hourly * (part.counted // SECOND) for part in group.parts if part.rate), Decimal(0)) / 3600


@quick
@given(months())
def test_every_second_of_every_record_is_in_its_lines_exactly_once(drawn_month):
    a_client, month, entries = drawn_month
    priced = price_month(a_client, month, entries)
    for each in entries:
        measured = sum((charge.measured for charge in priced.charges_of(each.record.id)), NOTHING)
        assert measured == (NOTHING if each.succeeded is None else measured_time(each.record))


@quick
@given(months())
def test_what_is_covered_or_failed_or_counted_elsewhere_is_never_charged(drawn_month):
    for charge in price_month(*drawn_month).charges:
        if charge.rule in {"managed.covered", "block.drawn", "not-succeeded.no-charge", "overlap.counted-once"}:
            assert (charge.amount, charge.rate) == (0, 0)
        assert charge.amount >= 0


@quick
@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(drawn_month, chance):
    a_client, month, entries = drawn_month
    mixed = [*entries, *entries[:2]]  # and one that is told twice is one
    chance.shuffle(mixed)
    assert price_month(a_client, month, mixed) == price_month(a_client, month, entries)


@quick
@given(months())
def test_the_lines_of_a_group_add_up_to_its_price_and_all_lines_to_the_total(drawn_month):
    priced = price_month(*drawn_month)
    fees = sum((charge.amount for charge in priced.charges if charge.record_id is None), Decimal(0))
    groups = sum((in_minor_units(costs(group), priced.currency) for group in priced.groups), Decimal(0))
    assert priced.total == fees + groups
    for charge in priced.charges:
        assert charge.amount == in_minor_units(charge.amount, priced.currency)


@quick
@given(months())
def test_rounding_loses_nothing_but_the_grace_and_is_done_once_a_group(drawn_month):
    priced = price_month(*drawn_month)
    for each in priced.groups:
        group = each.group
        assert group.billed == billed_time(group.measured, group.rounding)
        assert group.billed >= group.measured - group.rounding.grace
        assert sum((part.counted for part in each.parts), NOTHING) == group.billed
        assert sum((part.measured for part in each.parts), NOTHING) == group.measured


@quick
@given(months(), st.data())
def test_no_minute_of_a_person_counts_twice_and_none_is_lost(drawn_month, data):
    _, month, mine = drawn_month
    others = [data.draw(entry(month, f"x{number}")) for number in range(5)]
    others = [replace(each, frozen=data.draw(st.sampled_from([None, ()]))) for each in others]
    entries = [each for each in [*mine, *others] if not each.is_free]
    counted = whose_minutes([*mine, *others])
    for person in ("kim", "sam"):
        theirs = [each for each in entries if each.record.person == person]
        own = sorted((span.started_at, span.ended_at) for each in theirs for span in counted[each.record.id].own)
        assert all(end <= start for (_, end), (start, _) in pairwise(own))
        spans = [span_of(each.record) for each in theirs if each.frozen is None]
        assert sum((end - start for start, end in own), NOTHING) == length_of_all(spans)


def length_of_all(spans):
    """How long at least one of them lasts."""
    length, reached = NOTHING, datetime.min.replace(tzinfo=UTC)
    for span in sorted(spans, key=lambda each: each.started_at):
        length += max(span.ended_at - max(reached, span.started_at), NOTHING)
        reached = max(reached, span.ended_at)
    return length


@quick
@given(months(), st.data())
def test_cutting_a_record_in_two_changes_nothing_where_records_are_added_up(drawn_month, data):
    a_client, month, entries = drawn_month
    fixed = [
        replace(contract, rounding=replace(contract.rounding, scope=data.draw(st.sampled_from(["ticket", "day"]))))
        for contract in a_client.contracts
    ]
    a_client = replace(a_client, contracts=tuple(fixed))
    entries = [each for each in entries if each.record.ticket]
    assume(entries)
    whole = entries[0]
    span = whole.record.attended
    cut = data.draw(st.integers(1, max(1, span.duration // SECOND - 1))) * SECOND
    assume(cut < span.duration)
    halves = [
        replace(whole, record=replace(whole.record, id=f"{whole.record.id}{end}", attended=interval(length, start)))
        for end, length, start in (("", cut, span.started_at), ("+", span.duration - cut, span.started_at + cut))
    ]
    one, two = (price_month(a_client, month, each) for each in (entries, [*halves, *entries[1:]]))
    assert (one.total, one.balances) == (two.total, two.balances)
    assert by_class(one) == by_class(two)


def by_class(priced):
    """What is billed in each class, by rule; nothing of nothing."""
    found = Counter()
    for charge in priced.charges:
        found[charge.rule, charge.hour_class, charge.rate] += charge.billed // SECOND
    return {key: billed for key, billed in found.items() if billed}


@quick
@given(months(), st.lists(st.integers(0, 20), min_size=12, max_size=12))
def test_a_block_gives_what_it_holds_and_not_more(drawn_month, before):
    a_client, month, entries = drawn_month
    block = next(contract for contract in a_client.contracts if contract.id == "block")
    earlier = {}
    for number in range(1, month.month):
        past = date(2026, number, 1)
        earlier[past] = [drawn("block", min(before[number] * HOUR, at_hand(block, past, earlier)))]
    for each in price_month(a_client, month, entries, earlier=earlier).balances:
        assert each.carried + each.bought == each.drawn + each.expired + each.left
        assert min(each.carried, each.bought, each.drawn, each.expired, each.left) >= NOTHING
        assert at_hand(block, month, earlier) == each.carried + each.bought
        if block.per == "month":
            assert each.left <= float(block.rollover_cap) * HOUR


@quick
@given(months())
def test_every_line_of_a_contract_carries_the_terms_that_made_it(drawn_month):
    priced = price_month(*drawn_month)
    for charge in priced.charges:
        if charge.terms is not None:
            assert priced.terms[charge.terms].contract.id == charge.contract_id
    assert {charge.terms for charge in priced.charges if charge.rate} <= set(priced.terms)
