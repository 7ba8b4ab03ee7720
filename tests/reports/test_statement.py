"""The statement of a month: every line, sums that add up, what is open, corrected, paid ahead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msp_ops.billing.balances import Balance
from msp_ops.domain.ledger import Line, Question, Statement
from msp_ops.domain.work import Charge
from msp_ops.reports.pages import render_statement
from msp_ops.reports.statement import Done, statement_page
from msp_ops.reports.words import MINUS
from tests.reports.cast import ACME, NORTHWIND, NOVEMBER, PREPARED_AT, fixed, work_of

HOUR = timedelta(hours=1)
CLOSED_AT = datetime(2026, 12, 2, 8, tzinfo=UTC)
FEE = Charge(
    record_id=None,
    contract_id="care",
    rule="managed.fee",
    reason="the plan 'care' for 2026-11: EUR 450.00",
    measured=timedelta(0),
    billed=timedelta(0),
    rate=Decimal(0),
    amount=Decimal("450.00"),
    currency="EUR",
    tax="19 % VAT",
)


def worked(ticket="T-7", amount="95.00", rule="break-fix.hourly"):
    run = fixed(ACME, "fix-service", datetime(2026, 11, 3, 9, tzinfo=UTC), ticket, "it is down")
    record, (charge,) = work_of(ACME, run, HOUR, rule, "1 h billed", contract="repairs", billed=HOUR, amount=amount)
    return record, charge


def page_of(*charges, records=(), questions=(), closed=True, balances=()):
    statement = Statement(
        client_id="acme",
        month=NOVEMBER,
        currency="EUR",
        lines=tuple(Line(id=f"line-{number}", charge=charge) for number, charge in enumerate(charges)),
        total=sum((charge.amount for charge in charges), Decimal(0)),
        questions=questions,
        closed_at=CLOSED_AT if closed else None,
        closed_by="olga" if closed else None,
    )
    done = {record.id: Done(record=record, title="Bring a service back") for record in records}
    return statement_page(NORTHWIND, ACME, statement, done, balances, PREPARED_AT)


def test_the_parts_add_up_to_the_total_and_a_fee_takes_no_time():
    record, charge = worked()
    page = page_of(FEE, charge, records=[record])
    assert [(part.title, part.total, part.is_work) for part in page.parts] == [
        ("Agreed fees", "€450.00", False),
        ("Work", "€95.00", True),
    ]
    assert (page.total, page.verdict, page.tax) == ("€545.00", "€545.00 for November 2026", "19 % VAT")
    assert "closed on 2 December 2026" in page.lede
    assert page.parts[1].lines[0].what == "T-7: Bring a service back"


def test_what_a_plan_covers_is_one_row_an_activity():
    one, first = worked("T-1", "0.00", "managed.covered")
    other, second = worked("T-2", "0.00", "managed.covered")
    other, second = replace(other, id="w-other"), replace(second, record_id="w-other")
    (part,) = page_of(first, second, records=[one, other]).parts
    assert (part.title, [line.when for line in part.lines], part.measured) == ("Planned care", ["2 times"], "2 h")


def test_a_correction_shows_what_was_taken_back():
    record, charge = worked()
    back = replace(charge, rule="correction.reversed", amount=-charge.amount, billed=-HOUR, measured=-HOUR)
    (part,) = page_of(back, records=[record]).parts
    (line,) = part.lines
    assert (part.title, line.amount, line.billed) == ("Corrections", f"{MINUS}€95.00", f"{MINUS}1 h")


def test_a_draft_says_so_and_names_what_is_open():
    question = Question(kind="undecided", subject="w-1", says="no contract covers it", do="decide")
    page = page_of(closed=False, questions=[question])
    assert page.lede.startswith("A draft of no lines")
    assert page.open_points[0].title == "w-1: no contract covers it"
    assert "Not settled yet" in render_statement(page)


def test_hours_paid_ahead_are_told_from_before_to_left():
    held = Balance(contract_id="block", carried=HOUR, bought=2 * HOUR, drawn=HOUR / 2, expired=HOUR, left=HOUR * 3 / 2)
    html = render_statement(page_of(balances=[held]))
    assert "Hours paid ahead" in html
    assert "1 h 30 min" in html


def test_the_same_statement_gives_the_same_bytes_and_hostile_words_stay_words():
    record, charge = worked(ticket="<script>alert(1)</script>\u202e")
    hostile = replace(charge, reason="</td><img src=x onerror=alert(1)>")
    html = render_statement(page_of(hostile, records=[record]))
    assert html == render_statement(page_of(hostile, records=[record]))
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
