"""Whatever a month holds: the same bytes twice, nothing lost, sums exact, no cell a formula, no text spoilt."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from msp_ops.exports.cells import text_cell
from msp_ops.exports.entries import entries_of
from msp_ops.exports.generic import document_schema, rejected_file
from msp_ops.exports.targets import TARGETS
from msp_ops.exports.xlsx_file import LONGEST
from tests.exports.cast import GENERIC, IDS, STATEMENTS, TEXTS, TIME_TARGETS, one_entry, statement

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")  # 10,000 letters are meant
SOME = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
CENT = Decimal("0.01")


def entries(drawn):
    lines, records, texts = drawn
    return entries_of(statement(lines), records, texts)


def exported(name, drawn):
    return TARGETS[name].write(entries(drawn), IDS)


def requests(export):
    return json.loads(export.files[0].content)["entries"]


def rows(export):
    (file,) = export.files
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


def cents(amount):
    return Decimal(str(amount)).quantize(CENT, rounding=ROUND_HALF_UP)


@pytest.mark.parametrize("name", TARGETS)
@SOME
@given(drawn=STATEMENTS, data=st.data())
def test_two_exports_are_equal_byte_by_byte_in_whatever_order_the_entries_come(name, drawn, data):
    shuffled = data.draw(st.permutations(entries(drawn)))
    first, second = exported(name, drawn), TARGETS[name].write(shuffled, IDS)
    assert first == second
    assert rejected_file(first.rejected) == rejected_file(second.rejected)


@pytest.mark.parametrize("name", TARGETS)
@SOME
@given(drawn=STATEMENTS)
def test_every_line_is_written_or_listed_and_none_is_both(name, drawn):
    export = exported(name, drawn)
    written = {each.line_id for each in export.written}
    listed = {each.entry.line_id for each in export.rejected}
    assert written | listed == {line.id for line in drawn[0]}
    assert not written & listed
    assert all(each.reason for each in export.rejected)


@pytest.mark.parametrize("name", TARGETS)
@SOME
@given(drawn=STATEMENTS)
def test_amounts_and_billed_time_of_what_is_written_are_those_of_the_lines_exactly(name, drawn):
    export = exported(name, drawn)
    written = {each.line_id for each in export.written}
    lines = [line.charge for line in drawn[0] if line.id in written]
    total = sum((each.amount for each in lines), Decimal(0))
    assert sum((each.amount for each in export.written), Decimal(0)) == total
    assert export.amount in {total, None}
    assert sum((each.billed for each in export.written), timedelta(0)) == sum((c.billed for c in lines), timedelta(0))


@SOME
@given(drawn=STATEMENTS)
def test_what_kimai_charges_is_what_the_lines_cost(drawn):
    export = exported("kimai", drawn)
    assert sum((cents(each["body"]["fixedRate"]) for each in requests(export)), Decimal(0)) == export.amount


@SOME
@given(drawn=STATEMENTS)
def test_what_connectwise_charges_is_what_the_lines_cost(drawn):
    export = exported("connectwise", drawn)
    bodies = [each["body"] for each in requests(export)]
    prices = [cents(Decimal(str(body.get("hourlyRate", 0))) * Decimal(str(body["hoursBilled"]))) for body in bodies]
    assert sum(prices, Decimal(0)) == export.amount
    assert sum((Decimal(str(body["hoursBilled"])) for body in bodies), Decimal(0)) == export.billed
    assert all(body["actualHours"] > 0 for body in bodies)


@SOME
@given(drawn=STATEMENTS)
def test_what_invoice_ninja_charges_is_what_the_lines_cost(drawn):
    export = exported("invoiceninja", drawn)
    prices = []
    for each in requests(export):
        ((began, ended),) = json.loads(each["body"]["time_log"])
        assert isinstance(began, int)
        assert ended > began
        prices.append(cents(Decimal(str(each["body"]["rate"])) * (ended - began) / 3600))
    assert sum(prices, Decimal(0)) == export.amount


@SOME
@given(drawn=STATEMENTS)
def test_autotask_gets_hours_above_zero_of_one_day_of_utc_and_their_sum_is_exact(drawn):
    export = exported("autotask", drawn)
    bodies = [each["body"] for each in requests(export)]
    for body in bodies:
        began, ended = (datetime.fromisoformat(body[key]) for key in ("startDateTime", "endDateTime"))
        assert 0 < body["hoursWorked"] <= 24
        assert began < ended <= began.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    assert sum((Decimal(str(body["hoursToBill"])) for body in bodies), Decimal(0)) == export.billed
    billed = sum((each.billed for each in export.written), timedelta(0)).total_seconds()
    assert abs(export.billed - Decimal(billed) / 3600) <= Decimal("0.00005")


@pytest.mark.parametrize("name", TIME_TARGETS)
@SOME
@given(drawn=STATEMENTS)
def test_pieces_of_an_entry_are_its_seconds_and_cents_and_lie_end_to_end(name, drawn):
    export = exported(name, drawn)
    whole = {each.line_id: each for each in entries(drawn)}
    for line_id in {each.line_id for each in export.written}:
        pieces = [each for each in export.written if each.line_id == line_id]
        assert sum((each.amount for each in pieces), Decimal(0)) == whole[line_id].amount
        assert sum((each.billed for each in pieces), timedelta(0)) == whole[line_id].billed
        assert sum((each.worked for each in pieces), timedelta(0)) == (whole[line_id].worked or whole[line_id].billed)
        assert all(a.ended_at == b.started_at for a, b in pairwise(pieces))
        assert [each.id for each in pieces] == (
            [line_id] if len(pieces) == 1 else [f"{line_id}-{n + 1}" for n in range(len(pieces))]
        )


@pytest.mark.parametrize("name", ["csv", "csv-excel", "xero"])
@SOME
@given(drawn=STATEMENTS)
def test_no_cell_of_text_begins_as_a_formula_and_numbers_stay_numbers(name, drawn):
    export = exported(name, drawn)
    files = [*export.files, rejected_file(export.rejected)]
    for file in files:
        for row in csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")):
            for cell in row:
                number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)
                assert number or not cell.lstrip(' "\u200f\u202e\u2066\n').startswith(
                    ("=", "+", "-", "@", "\t", "\r", "\uff1d")
                )
                assert number or not cell.startswith(("\n", "\t", "\r"))
    amounts = [Decimal(row["amount"]) for row in rows(export)] if name != "xero" else []
    assert sum(amounts, Decimal(0)) == (sum((each.charge.amount for each in drawn[0]), Decimal(0)) if amounts else 0)


@pytest.mark.parametrize("name", GENERIC)
@SOME
@given(text=TEXTS)
def test_hostile_text_comes_back_from_its_reader_as_it_was(name, text):
    export = TARGETS[name].write([one_entry(text)], IDS)
    content = export.files[0].content
    if name == "json":
        assert json.loads(content)["time_entries"][0]["text"] == text
        return
    if name == "xlsx":
        head, row = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        read = dict(zip(head, row, strict=True))["text"]
    else:
        (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        read = row["text"]
    whole = text_cell(text)
    if name == "xlsx" and len(whole.encode("utf-16-le")) > 2 * LONGEST:
        assert whole.startswith(read.removesuffix("..."))
        assert export.remarks
        return
    assert read == whole
    shown = read.removeprefix("'") if read != text else read
    assert shown == text or re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", text)


@SOME
@given(drawn=STATEMENTS)
def test_the_json_is_as_its_schema_says(drawn):
    export = exported("json", drawn)
    jsonschema.validate(json.loads(export.files[0].content), document_schema())


@SOME
@given(drawn=STATEMENTS)
def test_hours_of_the_generic_files_add_up_to_the_hours_of_all(drawn):
    export = exported("csv", drawn)
    assert sum((Decimal(row["billed_hours"]) for row in rows(export)), Decimal(0)) == export.billed
    seconds = sum((each.charge.billed for each in drawn[0]), timedelta(0)).total_seconds()
    assert sum(int(row["billed_seconds"]) for row in rows(export)) == seconds
