"""A month from the store to its close: priced as a whole, asked about, frozen, corrected in a later one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.clock import Interval
from msp_ops.domain.contract import BlockHours, BreakFix, Managed, Rounding
from msp_ops.domain.errors import FileError, NotPermitted, PlanError, StoreError
from msp_ops.domain.work import WorkRecord
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.month_closed import close_months, month_end, seal_closed
from msp_ops.journeys.month_priced import look_at_month
from msp_ops.journeys.month_words import decide
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.journeys.statements import statement_of, work_of
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACME, disk_answer
from tests.journeys.cast import Keys, asked, parts_with
from tests.store.cast import sql, unguarded

HOURLY = Rounding(increment=timedelta(hours=1), scope="ticket")
REPAIRS = BreakFix(kind="break-fix", id="repairs", hourly_rate=Decimal(95), since=date(2026, 1, 1), rounding=HOURLY)
CARE = Managed(kind="managed", id="care", monthly_fee=Decimal(450), since=date(2026, 1, 1))
BLOCK = BlockHours(
    kind="block-hours",
    id="block",
    hours=Decimal(2),
    overage_rate=Decimal(120),
    since=date(2026, 1, 1),
    per="month",
    rollover_cap=Decimal(1),
)
BERLIN = replace(ACME, contracts=(REPAIRS,), timezone="Europe/Berlin", currency="EUR")
COBALT = replace(BERLIN, id="cobalt", name="Cobalt", contracts=(BLOCK,))
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def parts(store, clock, tmp_path):
    made = parts_with(store, clock, {}, BERLIN, root=tmp_path)
    workspace = replace(made.workspace, clients={"acme": BERLIN, "cobalt": COBALT})
    return replace(made, workspace=workspace, keys=Keys())


def until(clock, moment):
    clock.pass_time(max(moment - clock.now(), timedelta(0)))


def wrote(parts, name, day, minutes, *, client="acme", ticket="T-1", person="kim", hour=9, **more):
    start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    length = timedelta(minutes=minutes)
    work = WorkRecord(
        id=name,
        run_id=None,
        client_id=client,
        activity="break/fix",
        host_ids=(),
        ticket=ticket,
        person=person,
        machine=None,
        attended=Interval(started_at=start, ended_at=start + length, duration=length, boot_id=""),
        source="timer",
        **{"noted_at": start + length, **more},
    )
    parts.store.work.add(work, ())
    return work


def in_november(day):
    return date(2026, 11, day)


def close(parts, clock, month, *clients):
    until(clock, datetime(month.year, month.month, 28, tzinfo=UTC) + timedelta(days=5))
    close_months(parts, month_end(parts, month, clients).due, "olga")


def lines(statement):
    return {line.id: line.charge.amount for line in statement.lines}


def test_a_ticket_is_rounded_as_a_whole_and_what_was_said_before_is_held_against_it(parts):
    for number, minutes in enumerate((45, 45, 5)):
        wrote(parts, f"w-{number}", in_november(3 + number), minutes)
    look = look_at_month(parts, "acme", NOVEMBER)
    assert look.statement.total == Decimal("190.00"), "2 h at 95.00, not 3 h"
    assert sum(lines(look.statement).values()) == look.statement.total
    assert {each.record_id for each in look.differences} == {"w-0", "w-1", "w-2"}


def test_a_month_closes_when_it_is_over_and_never_changes_again(parts, clock):
    wrote(parts, "w-1", in_november(3), 45)
    (due,) = month_end(parts, NOVEMBER, ["acme"]).due
    assert "the month is not over before 2026-12-01 00:00" in due.refusal
    with pytest.raises(NotPermitted, match="acme cannot be closed"):
        close_months(parts, [due], "olga")
    until(clock, datetime(2026, 12, 2, tzinfo=UTC))
    close_months(parts, month_end(parts, NOVEMBER, ["acme"]).due, "olga")
    (sealed,) = seal_closed(parts)
    assert seal_closed(parts) == [], "nothing is left to seal"
    closed = statement_of(parts, "acme", NOVEMBER)
    assert (closed.closed_by, closed.total) == ("olga", Decimal("95.00"))
    assert sealed.name == "seal-000001.json"
    dearer = replace(BERLIN, contracts=(replace(REPAIRS, hourly_rate=Decimal(950)),))
    later = replace(parts, workspace=replace(parts.workspace, clients={"acme": dearer}))
    assert statement_of(later, "acme", NOVEMBER) == closed
    assert month_end(parts, NOVEMBER, ["acme"]).closed == (closed,)


def test_without_a_key_nothing_is_closed(parts, clock):
    wrote(parts, "w-1", in_november(3), 45)
    keyless = replace(parts, keys=type(parts).__dataclass_fields__["keys"].default)
    with pytest.raises(FileError, match="msp-ops ledger key"):
        close(keyless, clock, NOVEMBER, "acme")
    assert statement_of(parts, "acme", NOVEMBER).closed_at is None


def test_nothing_is_closed_on_a_ledger_that_somebody_changed(parts, clock, tmp_path):
    wrote(parts, "w-1", in_november(3), 45)
    url = f"sqlite:///{tmp_path}/store.db"
    unguarded(url)
    sql(url, "UPDATE work_records SET record = replace(record, 'kim', 'sam')")
    with pytest.raises(StoreError, match="records/acme"):
        close(parts, clock, NOVEMBER, "acme")
    assert statement_of(parts, "acme", NOVEMBER).closed_at is None


def test_an_open_question_keeps_the_month_open_until_a_person_answers_it(parts, clock):
    wrote(parts, "w-1", in_november(3), 45, flags=("clock-stepped",))
    until(clock, datetime(2026, 12, 2, tzinfo=UTC))
    (due,) = month_end(parts, NOVEMBER, ["acme"]).due
    assert [question.kind for question in due.look.statement.questions] == ["flag"]
    with pytest.raises(NotPermitted, match="open questions"):
        close_months(parts, [due], "olga")
    with pytest.raises(PlanError, match="no contract 'repair'; contracts: repairs"):
        decide(parts, "w-1", "repair", "olga", "the log shows 45 minutes")
    decide(parts, "w-1", "repairs", "olga", "the log shows 45 minutes")
    close_months(parts, month_end(parts, NOVEMBER, ["acme"]).due, "olga")
    assert statement_of(parts, "acme", NOVEMBER).closed_at is not None


def test_work_that_has_no_end_yet_is_a_question(parts, clock, store):
    host = FakeHost(looked=disk_answer("40%"), cut_at="after commit")
    going = parts_with(store, clock, {"a": host}, BERLIN)
    hosts = BERLIN.sites[0].hosts[:1]
    run = to_the_end(run_runbook(going, asked(clock, client=BERLIN, hosts=hosts), Stopping()))
    until(clock, datetime(2026, 12, 2, tzinfo=UTC))
    month = run.opened_at.date().replace(day=1)
    (question, *_) = look_at_month(parts, "acme", month).statement.questions
    assert (question.kind, question.subject) == ("unknown", run.id)


def test_months_close_in_their_order_and_none_is_left_out(parts, clock):
    wrote(parts, "w-1", in_november(3), 45)
    wrote(parts, "w-2", date(2027, 1, 5), 45)
    until(clock, datetime(2027, 2, 2, tzinfo=UTC))
    (due,) = month_end(parts, JANUARY, ["acme"]).due
    assert "1 work records of earlier months are open, such as w-1" in due.refusal
    close(parts, clock, NOVEMBER, "acme")
    (due,) = month_end(parts, JANUARY, ["acme"]).due
    assert "2026-12 comes first" in due.refusal
    close(parts, clock, DECEMBER, "acme")
    close(parts, clock, JANUARY, "acme")
    with pytest.raises(NotPermitted, match="2027-01 is closed, and months close in their order"):
        look_at_month(parts, "acme", date(2026, 10, 1))


def test_a_record_that_comes_late_belongs_to_the_next_month_that_closes(parts, clock):
    wrote(parts, "w-1", in_november(3), 45)
    close(parts, clock, NOVEMBER, "acme")
    wrote(parts, "w-late", in_november(4), 60, ticket="T-2")
    december = look_at_month(parts, "acme", DECEMBER).statement
    assert lines(december) == {"w-late-1": Decimal("95.00")}
    close(parts, clock, DECEMBER, "acme")
    assert [work.id for work, _ in work_of(parts, statement_of(parts, "acme", DECEMBER))] == ["w-late"]


def test_a_wrong_line_is_taken_back_by_the_next_month(parts, clock):
    wrote(parts, "w-1", in_november(3), 45)
    close(parts, clock, NOVEMBER, "acme")
    parts.store.ledger.correct("w-1-1", Decimal(50), "olga", "agreed price")
    close(parts, clock, DECEMBER, "acme")
    closed = statement_of(parts, "acme", DECEMBER)
    assert lines(closed) == {"w-1-1-back": Decimal("-95.00"), "w-1-1-instead": Decimal("50.00")}
    assert closed.total == Decimal("-45.00")
    assert closed.lines[0].charge.reason == "taken back: agreed price (line w-1-1 of 2026-11, by olga)"


def test_no_minute_of_a_person_is_billed_to_two_clients(parts, clock):
    wrote(parts, "w-acme", in_november(3), 60)
    wrote(parts, "w-cobalt", in_november(3), 60, client="cobalt", ticket="T-9")
    assert look_at_month(parts, "acme", NOVEMBER).statement.total == Decimal("95.00")
    assert "overlap.counted-once" in {
        line.charge.rule for line in look_at_month(parts, "cobalt", NOVEMBER).statement.lines
    }
    close(parts, clock, NOVEMBER, "cobalt")
    assert look_at_month(parts, "acme", NOVEMBER).statement.total == Decimal("95.00"), "cobalt's holds none of them"


def test_what_is_written_down_after_a_close_takes_no_minute_from_it(parts, clock):
    wrote(parts, "w-cobalt", in_november(3), 60, client="cobalt", ticket="T-9")
    close(parts, clock, NOVEMBER, "cobalt")
    wrote(parts, "w-acme", in_november(3), 30)
    assert rules(parts, "acme", NOVEMBER) == ["overlap.counted-once"]


def test_a_decision_after_the_close_of_another_client_gives_no_minute_away(parts, clock):
    wrote(parts, "w-acme", in_november(3), 60, flags=("clock-stepped",))
    wrote(parts, "w-cobalt", in_november(3), 60, client="cobalt", ticket="T-9")
    close(parts, clock, NOVEMBER, "cobalt")
    decide(parts, "w-acme", "repairs", "olga", "the log shows it")
    assert rules(parts, "acme", NOVEMBER) == ["break-fix.hourly"], "cobalt's month counted none of them"


def test_what_a_closed_month_counted_counts_for_ever_however_late_the_next_record_and_whatever_became_of_the_file(
    parts, clock
):
    wrote(parts, "w-first", in_november(3), 60)
    close(parts, clock, NOVEMBER, "acme")
    wrote(parts, "w-old", date(2026, 9, 3), 60, ticket="T-8")
    close(parts, clock, DECEMBER, "acme")
    wrote(parts, "w-again", date(2026, 9, 3), 60, ticket="T-2")
    wrote(parts, "w-cobalt", date(2026, 9, 3), 60, client="cobalt", ticket="T-9")
    assert rules(parts, "acme", JANUARY) == ["overlap.counted-once"]
    assert rules(parts, "cobalt", date(2026, 9, 1)) == ["overlap.counted-once"]
    renamed = replace(parts, workspace=replace(parts.workspace, clients={"cobalt": COBALT}))
    assert rules(renamed, "cobalt", date(2026, 9, 1)) == ["overlap.counted-once"]


def test_a_client_of_the_books_whose_file_is_gone_is_named(parts, clock):
    wrote(parts, "w-1", in_november(3), 45)
    renamed = replace(parts, workspace=replace(parts.workspace, clients={"cobalt": COBALT}))
    assert month_end(renamed, NOVEMBER).gone == ("acme",)
    assert month_end(renamed, NOVEMBER, ["cobalt"]).gone == ()
    assert month_end(parts, NOVEMBER).gone == ()


def test_what_comes_in_for_another_client_during_a_close_is_seen(parts, clock):
    wrote(parts, "w-cobalt", in_november(3), 60, client="cobalt", ticket="T-9")
    until(clock, datetime(2026, 12, 2, tzinfo=UTC))
    due = month_end(parts, NOVEMBER, ["cobalt"]).due
    wrote(parts, "w-other", in_november(9), 60, person="sam")
    close_months(parts, due, "olga")
    assert statement_of(parts, "cobalt", NOVEMBER).closed_at is not None, "sam's time changes nothing of kim's"


def test_a_minute_that_is_taken_during_a_close_keeps_the_month_open(parts, clock):
    wrote(parts, "w-cobalt", in_november(3), 60, client="cobalt", ticket="T-9")
    until(clock, datetime(2026, 12, 2, tzinfo=UTC))
    due = month_end(parts, NOVEMBER, ["cobalt"]).due
    wrote(parts, "w-acme", in_november(3), 90, hour=8)
    with pytest.raises(NotPermitted, match="something came in that changes it: look again"):
        close_months(parts, due, "olga")
    assert statement_of(parts, "cobalt", NOVEMBER).closed_at is None


def test_what_was_written_by_mistake_stays_in_the_books_and_is_shown_to_nobody(parts, clock):
    wrote(parts, "w-1", in_november(3), 1800)
    decide(parts, "w-1", None, "olga", "typo", void=True)
    close(parts, clock, NOVEMBER, "acme")
    assert rules(parts, "acme", NOVEMBER) == ["decided.void"]


def test_a_currency_that_was_changed_after_a_close_is_told_before_anything_is_closed(parts, clock):
    wrote(parts, "w-1", in_november(3), 45)
    close(parts, clock, NOVEMBER, "acme")
    parts.store.ledger.correct("w-1-1", None, "olga", "ours")
    dollars = replace(parts, workspace=replace(parts.workspace, clients={"acme": replace(BERLIN, currency="USD")}))
    until(clock, datetime(2027, 1, 2, tzinfo=UTC))
    (due,) = month_end(dollars, DECEMBER, ["acme"]).due
    assert due.refusal == "corrected lines are in EUR, and its file says USD now"


def rules(parts, client_id, month):
    return [line.charge.rule for line in statement_of(parts, client_id, month).lines]


def test_what_a_block_has_left_goes_on_from_month_to_month_open_or_closed(parts, clock):
    wrote(parts, "w-1", in_november(3), 30, client="cobalt")
    wrote(parts, "w-2", date(2026, 12, 3), 240, client="cobalt", ticket="T-2")
    opened = look_at_month(parts, "cobalt", DECEMBER)
    (balance,) = opened.priced.balances
    assert (balance.carried, balance.drawn) == (timedelta(hours=1), timedelta(hours=3))
    assert opened.statement.total == Decimal("120.00"), "the fourth hour"
    close(parts, clock, NOVEMBER, "cobalt")
    assert look_at_month(parts, "cobalt", DECEMBER).statement.lines == opened.statement.lines


def test_a_fee_is_owed_without_any_work(parts, clock):
    cared_for = replace(BERLIN, contracts=(CARE,))
    caring = replace(parts, workspace=replace(parts.workspace, clients={"acme": cared_for}))
    close(caring, clock, NOVEMBER)
    assert lines(statement_of(caring, "acme", NOVEMBER)) == {"acme-2026-11-care-1": Decimal("450.00")}
