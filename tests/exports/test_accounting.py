"""The files for Xero and QuickBooks Online, held against the rules that these publish."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from msp_ops.domain.ledger import Line
from msp_ops.exports.entries import entries_of
from msp_ops.exports.targets import TARGETS
from tests.exports.cast import FEE, IDS, STATEMENTS, charge, one_entry, statement, work
from tests.exports.published_rules import quickbooks_mistakes, xero_mistakes

SOME = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
CENT = Decimal("0.01")
BY_TICKET = replace(IDS, xero=replace(IDS.xero, invoices="ticket"))


def rows(file):
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8"), newline="")))


def total(rows_of_files):
    prices = [Decimal(row["*Quantity"]) * Decimal(row["*UnitAmount"]) for row in rows_of_files]
    return sum((price.quantize(CENT, rounding=ROUND_HALF_UP) for price in prices), Decimal(0))


@pytest.mark.parametrize("ids", [IDS, BY_TICKET], ids=["month", "ticket"])
@SOME
@given(drawn=STATEMENTS)
def test_any_month_is_a_file_that_xero_takes_and_its_lines_add_up_to_the_statement(ids, drawn):
    lines, records, texts = drawn
    month = statement(lines)
    export = TARGETS["xero"].write(entries_of(month, records, texts), ids)
    assert not export.rejected
    assert [mistake for file in export.files for mistake in xero_mistakes(file.content)] == []
    assert total([row for file in export.files for row in rows(file)]) == month.total == export.amount


@SOME
@given(drawn=STATEMENTS)
def test_any_month_is_time_that_quickbooks_takes_and_charges_as_the_lines_say(drawn):
    lines, records, texts = drawn
    export = TARGETS["quickbooks"].write(entries_of(statement(lines), records, texts), IDS)
    bodies = [each["body"] for each in json.loads(export.files[0].content)["entries"]]
    assert [mistake for body in bodies for mistake in quickbooks_mistakes(body)] == []
    prices = [Decimal(str(body.get("HourlyRate", 0))) * (60 * body["Hours"] + body["Minutes"]) / 60 for body in bodies]
    assert sum((price.quantize(CENT, rounding=ROUND_HALF_UP) for price in prices), Decimal(0)) == export.amount


def test_a_month_in_xero_is_one_invoice_of_all_lines():
    record = work()
    month = statement([Line(id="l-1", charge=charge(record, tax="VAT")), FEE])
    export = TARGETS["xero"].write(entries_of(month, {record.id: record}, {"r-1": "Restarted nginx."}), IDS)
    repair, fee = rows(export.files[0])
    shown = {name: cell for name, cell in repair.items() if cell}
    assert shown == {
        "*ContactName": "Acme Dental",
        "*InvoiceNumber": "MSP-acme-2026-11",
        "Reference": "acme-2026-11",
        "*InvoiceDate": "30/11/2026",
        "*DueDate": "14/12/2026",
        "*Description": "T-7: Restarted nginx.",
        "*Quantity": "0.7500",
        "*UnitAmount": "95.0000",
        "*AccountCode": "200",
        "*TaxType": "20% (VAT on Income)",
        "Currency": "EUR",
    }
    assert (fee["*Quantity"], fee["*UnitAmount"], fee["*AccountCode"]) == ("1", "450", "210")


def test_dates_are_as_the_region_has_them():
    ids = replace(IDS, xero=replace(IDS.xero, dates="MM/DD/YYYY"))
    (file,) = TARGETS["xero"].write([one_entry()], ids).files
    assert xero_mistakes(file.content, "MM/DD/YYYY") == []
    assert "line 2: *InvoiceDate 11/30/2026" in xero_mistakes(file.content)


@pytest.mark.parametrize(("count", "files"), [(500, 1), (501, 2), (1001, 3)])
def test_no_file_has_more_than_500_invoices(count, files):
    entries = [replace(one_entry(line_id=f"l-{number}"), ticket=f"T-{number}") for number in range(count)]
    export = TARGETS["xero"].write(entries, BY_TICKET)
    assert len(export.files) == files
    assert [mistake for file in export.files for mistake in xero_mistakes(file.content)] == []
    numbers = [{row["*InvoiceNumber"] for row in rows(file)} for file in export.files]
    assert sum(map(len, numbers)) == len(set.union(*numbers)) == count


def test_a_file_of_501_invoices_would_be_noticed():
    entries = [replace(one_entry(line_id=f"l-{number}"), ticket=f"T-{number}") for number in range(501)]
    first, second = TARGETS["xero"].write(entries, BY_TICKET).files
    together = first.content + second.content.partition(b"\r\n")[2]
    assert xero_mistakes(together) == ["501 invoices in one file"]


def test_an_invoice_is_never_in_two_files():
    entries = [
        replace(one_entry(line_id=f"l-{number}"), ticket=f"T-{number // 2}", month=date(2026, 11, 1))
        for number in range(1400)
    ]
    first, second = TARGETS["xero"].write(entries, BY_TICKET).files
    assert (len(rows(first)), len(rows(second))) == (1000, 400)


def test_a_name_that_must_be_exact_and_looks_like_a_formula_is_refused_not_changed():
    ids = replace(IDS, xero=replace(IDS.xero, clients={"acme": "@Home"}))
    (rejected,) = TARGETS["xero"].write([one_entry()], ids).rejected
    assert "'@Home' cannot be written as it is" in rejected.reason


def test_a_tax_label_without_a_rate_is_listed():
    (rejected,) = TARGETS["xero"].write([one_entry(tax="GST")], IDS).rejected
    assert "exports.yaml under xero: taxes: GST: ..." in rejected.reason


def test_a_draft_is_numbered_as_one():
    record = work()
    drafts = entries_of(statement([Line(id="l-1", charge=charge(record))], closed_at=None), {record.id: record}, {})
    (file,) = TARGETS["xero"].write(drafts, IDS).files
    assert rows(file)[0]["*InvoiceNumber"] == "DRAFT-MSP-acme-2026-11"


def test_a_month_below_zero_is_told_to_be_a_credit_note():
    line = Line(id="l-2", charge=charge(None, rule="reversal", amount=-CENT), reverses="acme-2026-10-3")
    export = TARGETS["xero"].write(entries_of(statement([line]), {}, {}), IDS)
    assert any("credit note" in remark for remark in export.remarks)
    assert total(rows(export.files[0])) == -CENT


@pytest.mark.parametrize(
    "spoil",
    [{"Hours": 0, "Minutes": 0}, {"Minutes": 60}, {"NameOf": "Vendor"}, {"Rate": 1}, {"BillableStatus": "Yes"}],
)
def test_the_checker_of_quickbooks_notices(spoil):
    (request,) = json.loads(TARGETS["quickbooks"].write([one_entry()], IDS).files[0].content)["entries"]
    assert quickbooks_mistakes(request["body"]) == []
    assert quickbooks_mistakes(request["body"] | spoil)
