from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError

from msp_ops.domain.canonical import canonical
from msp_ops.domain.errors import NotPermitted, PlanError, StoreError
from msp_ops.domain.ledger import Question
from msp_ops.store import Store
from msp_ops.store.schema_base import metadata
from tests.store.books import (
    DECEMBER,
    NOVEMBER,
    OCTOBER,
    PRICED_BY,
    TERMS,
    by_hand,
    close,
    line_of,
    opened,
    reversed_line,
    small_ledger,
    statement_of,
)
from tests.store.cast import KIM, TICKET, plan, sql, work
from tests.store.conftest import postgresql_only, sqlite_only

WRITTEN_ONCE = (
    "work_records",
    "contract_terms",
    "decisions",
    "ledger_lines",
    "corrections",
    "closed_months",
    "seals",
)
DAY = timedelta(days=1)


def rows_of(url: str, table: str) -> list[tuple]:
    return sql(url, f"SELECT * FROM {table}")  # noqa: S608  # our own names


def ids(month) -> list[str]:
    return [record.id for record in month.records]


def attempt(store: Store, month, lines, terms=None, since=None):
    """Closes with exactly these lines."""
    statement = statement_of(month, tuple(lines))
    given = {PRICED_BY: canonical(TERMS).decode()} if terms is None else terms
    return store.ledger.close_month(statement, as_of=opened(store, month), terms=given, since=since or month, by="kim")


def test_a_closed_month_says_for_ever_what_it_said_when_it_was_closed(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    closed = close(store, OCTOBER)
    assert (closed.closed_by, closed.closed_at, closed.total) == ("kim", store.ledger._clock.now(), Decimal("90.00"))
    assert store.ledger.statement("acme", OCTOBER.date()) == closed
    assert store.ledger.statement("acme", NOVEMBER.date()) is None
    assert store.ledger.terms(PRICED_BY) == canonical(TERMS).decode()
    assert store.ledger.line(closed.lines[0].id).line == closed.lines[0]


def test_the_database_itself_refuses_to_change_what_is_written_once(store: Store, url: str):
    small_ledger(store)
    for table in WRITTEN_ONCE:
        column = next(iter(metadata.tables[table].columns)).name
        before = rows_of(url, table)
        for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):  # noqa: S608  # our own names
            with pytest.raises(DBAPIError, match=f"{table} is written once"):
                sql(url, act)
        assert rows_of(url, table) == before != []


@sqlite_only
def test_nor_is_anything_replaced_under_its_own_name(store: Store, url: str):
    small_ledger(store)
    for table in WRITTEN_ONCE:
        with pytest.raises(DBAPIError, match="written once"):
            sql(url, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")  # noqa: S608  # our own names


@postgresql_only
def test_nor_is_a_table_emptied_at_one_stroke(store: Store, url: str):
    small_ledger(store)
    for table in WRITTEN_ONCE:
        with pytest.raises(DBAPIError, match="written once"):
            sql(url, f"TRUNCATE {table} CASCADE")


def test_a_record_that_comes_late_belongs_to_the_next_month_that_closes(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    close(store, OCTOBER)
    store.work.add(by_hand("late", OCTOBER + DAY), ())
    store.work.add(by_hand("a2", NOVEMBER), ())
    month = opened(store, NOVEMBER)
    assert (ids(month), month.late) == (["late", "a2"], ("late",))
    close(store, NOVEMBER)
    assert ids(opened(store, DECEMBER)) == []
    held = [store.ledger.closed_month_of(each) for each in ("a1", "late", "a2")]
    assert [each.month.month for each in held if each] == [10, 11, 11]


def test_work_of_the_next_month_that_is_already_there_stays_open(store: Store):
    store.work.add(by_hand("a1", NOVEMBER), ())
    store.work.add(by_hand("a2", OCTOBER), ())
    close(store, OCTOBER)
    assert ids(opened(store, NOVEMBER)) == ["a1"]


def test_the_runs_of_a_month_are_closed_with_it(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.close_run("r1", work("r1"), ())
    assert ids(opened(store, NOVEMBER)) == ["work-r1"]


def test_a_month_closes_once(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    close(store, OCTOBER)
    with pytest.raises(StoreError, match="2026-10 of acme is closed: by kim"):
        close(store, OCTOBER)


def test_months_close_in_their_order(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    store.work.add(by_hand("a2", NOVEMBER), ())
    with pytest.raises(StoreError, match=r"1 work records before it.* the first of 2026-10-01; close the earlier"):
        attempt(store, NOVEMBER, [line_of(each, each.id) for each in opened(store, NOVEMBER).records])
    close(store, OCTOBER)
    close(store, NOVEMBER)


def test_a_month_that_was_passed_over_cannot_be_closed_later(store: Store):
    store.work.add(by_hand("a2", NOVEMBER), ())
    close(store, NOVEMBER)
    with pytest.raises(StoreError, match="cannot be closed any more: 2026-11 is"):
        close(store, OCTOBER)


def test_a_client_whose_zone_was_changed_loses_no_hour_between_two_months(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    close(store, OCTOBER)
    store.work.add(by_hand("a2", NOVEMBER + timedelta(hours=1)), ())
    lines = [line_of(each, each.id) for each in opened(store, NOVEMBER).records]
    attempt(store, NOVEMBER, lines, since=NOVEMBER + timedelta(hours=5))


def test_the_months_of_one_client_do_not_hold_up_another(store: Store):
    store.work.add(by_hand("b1", OCTOBER, "borealis"), ())
    store.work.add(by_hand("a1", NOVEMBER), ())
    close(store, NOVEMBER)
    close(store, OCTOBER, client="borealis")


def test_lines_must_sum_to_the_total(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    statement = replace(statement_of(OCTOBER, (line_of(by_hand("a1", OCTOBER), "l1"),)), total=Decimal("90.01"))
    with pytest.raises(StoreError, match=r"sum to 90\.00, its total says 90\.01: nothing was closed"):
        store.ledger.close_month(statement, as_of=opened(store, OCTOBER), terms={}, since=OCTOBER, by="kim")
    assert store.ledger.closed_months("acme") == []


def test_open_questions_are_answered_first(store: Store):
    asked = replace(statement_of(OCTOBER, ()), questions=(Question(kind="flag", subject="a1", says="?", do="look"),))
    with pytest.raises(StoreError, match="has 1 open questions"):
        store.ledger.close_month(asked, as_of=opened(store, OCTOBER), terms={}, since=OCTOBER, by="kim")


def test_no_work_is_lost_and_none_comes_twice(store: Store):
    for name in ("a1", "a2"):
        store.work.add(by_hand(name, OCTOBER), ())
    one, two = opened(store, OCTOBER).records
    with pytest.raises(StoreError, match="work records without a line: a2; each needs one, if only of 0"):
        attempt(store, OCTOBER, [line_of(one, "l1")])
    with pytest.raises(StoreError, match="ids that other lines have: l1"):
        attempt(store, OCTOBER, [line_of(one, "l1"), line_of(two, "l1")])
    attempt(store, OCTOBER, [line_of(one, "l1"), line_of(two, "l2")])
    with pytest.raises(StoreError, match="not open in it: a1"):
        attempt(store, NOVEMBER, [line_of(one, "l3")])
    with pytest.raises(StoreError, match="ids that other lines have: l1"):
        attempt(store, NOVEMBER, [line_of(None, "l1")])


def test_a_line_in_another_currency_is_refused(store: Store):
    fee = line_of(None, "fee")
    with pytest.raises(StoreError, match="in USD, its statement in EUR"):
        attempt(store, OCTOBER, [replace(fee, charge=replace(fee.charge, currency="USD"))])


def test_every_line_can_be_explained_later(store: Store):
    with pytest.raises(StoreError, match="priced by terms that nobody gave"):
        attempt(store, OCTOBER, [line_of(None, "fee")], terms={})
    with pytest.raises(StoreError, match="do not have the digest"):
        attempt(store, OCTOBER, [line_of(None, "fee")], terms={PRICED_BY: "cheaper"})
    attempt(store, OCTOBER, [line_of(None, "fee")])
    attempt(store, NOVEMBER, [line_of(None, "fee-2")], terms={})


@pytest.mark.parametrize("happening", ["record", "decision", "correction", "close"])
def test_what_comes_in_while_a_month_is_being_closed_stops_the_close(store: Store, happening: str):
    store.work.add(by_hand("a0", OCTOBER), ())
    frozen = close(store, OCTOBER).lines[0]
    store.work.add(by_hand("a1", NOVEMBER), ())
    as_of = opened(store, NOVEMBER)
    match happening:
        case "record":
            store.work.add(by_hand("a2", NOVEMBER + DAY), ())
        case "decision":
            store.ledger.decide("a1", None, "kim", "ours")
        case "correction":
            store.ledger.correct(frozen.id, None, "kim", "ours")
        case "close":
            close(store, NOVEMBER)
    priced = statement_of(NOVEMBER, (line_of(as_of.records[0], "l1"),))
    with pytest.raises(StoreError, match=r"came in|is closed"):
        store.ledger.close_month(
            priced, as_of=as_of, terms={PRICED_BY: canonical(TERMS).decode()}, since=NOVEMBER, by="kim"
        )


def test_work_after_the_month_does_not_stop_its_close(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    as_of = opened(store, OCTOBER)
    store.work.add(by_hand("a2", NOVEMBER), ())
    priced = statement_of(OCTOBER, (line_of(as_of.records[0], "l1"),))
    store.ledger.close_month(priced, as_of=as_of, terms={PRICED_BY: canonical(TERMS).decode()}, since=OCTOBER, by="kim")
    assert ids(opened(store, NOVEMBER)) == ["a2"]


def test_the_last_word_on_a_record_counts(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    store.ledger.decide("a1", "plan", "kim", "looked like the plan's")
    last = store.ledger.decide("a1", None, "ann", "it was our mistake")
    assert opened(store, OCTOBER).decisions == {"a1": last}


def test_nothing_is_decided_of_a_closed_month_or_of_no_record(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    close(store, OCTOBER)
    with pytest.raises(NotPermitted, match="a1 was closed with 2026-10 of acme"):
        store.ledger.decide("a1", None, "kim", "too late")
    with pytest.raises(PlanError, match="no work record a9"):
        store.ledger.decide("a9", None, "kim", "who?")


def test_a_mistake_is_taken_back_in_a_later_month(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    frozen = close(store, OCTOBER).lines[0]
    said = store.ledger.correct(frozen.id, Decimal("45.00"), "kim", "half of it was ours")
    ((correction, line),) = opened(store, NOVEMBER).corrections
    assert (correction, line.line) == (said, frozen)
    close(store, NOVEMBER, reversed_line(frozen, "back"), replace(line_of(None, "instead", "45.00")))
    assert opened(store, DECEMBER).corrections == ()
    sums = [statement.total for statement in store.ledger.statements("acme")]
    assert sums == [Decimal("90.00"), Decimal("-45.00")]


def test_until_it_is_closed_the_last_word_on_a_line_counts_and_then_its_reversal_can_be_corrected(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    frozen = close(store, OCTOBER).lines[0]
    store.ledger.correct(frozen.id, None, "kim", "half of it was ours")
    store.ledger.correct(frozen.id, Decimal(20), "ann", "no, less")
    ((said, line),) = opened(store, NOVEMBER).corrections
    assert (said.by, said.instead, line.line) == ("ann", Decimal(20), frozen)
    close(store, NOVEMBER, reversed_line(frozen, "back"))
    with pytest.raises(NotPermitted, match=f"the line {frozen.id} was taken back by back of a closed month"):
        store.ledger.correct(frozen.id, None, "ann", "again")
    store.ledger.correct("back", None, "ann", "it was right after all")
    ((_, line),) = opened(store, DECEMBER).corrections
    assert line.line.id == "back"
    with pytest.raises(PlanError, match="no line x in a closed month"):
        store.ledger.correct("x", None, "ann", "again")


def test_a_close_takes_back_exactly_what_was_corrected(store: Store):
    store.work.add(by_hand("a1", OCTOBER), ())
    frozen = close(store, OCTOBER).lines[0]
    with pytest.raises(StoreError, match=f"wrong are: {frozen.id}"):
        attempt(store, NOVEMBER, [reversed_line(frozen, "back")])
    store.ledger.correct(frozen.id, None, "kim", "ours")
    half = reversed_line(frozen, "back")
    for lines in (
        [],
        [replace(half, charge=replace(half.charge, amount=Decimal("-45.00")))],
        [half, reversed_line(frozen, "b2")],
    ):
        with pytest.raises(StoreError, match="exactly the lines that persons corrected"):
            attempt(store, NOVEMBER, lines)
    attempt(store, NOVEMBER, [half])
