r"""A cell of text is never a formula, and is otherwise as it was."""

import io
import re
import zipfile
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from msp_ops.domain.export_map import ExportMap
from msp_ops.exports.cells import is_unchanged, text_cell
from msp_ops.exports.csv_file import csv_bytes
from msp_ops.exports.targets import TARGETS
from msp_ops.exports.xlsx_file import xlsx_bytes

FORMULAS = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\tx", "\nx", "\rx", " =1", "\u00a0=1", '"=1', "'=1", '"" =1'),
    *("\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\u22121", "\u200b=1", "\u202e=1", "\ufeff=1", "=cmd|' /C calc'!A0"),
]
PLAIN = ["", "x", "a=1", "1-2", "Müller & Söhne", "\u202eabc", "😀", 'say "x"', "a\nb", "a,b;c", "_x0041_", "http://x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text):
    cell = text_cell(text)
    assert cell.startswith("'")
    assert cell[1:] == text.replace("\r", "\n")
    assert not is_unchanged(text)


@pytest.mark.parametrize("text", PLAIN)
def test_everything_else_is_as_it_was(text):
    assert text_cell(text) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [("a\x00b", "a\\x00b"), ("\x1b[31m", "\\x1b[31m"), ("\ud800", "\\ud800"), ("a\r\nb\rc", "a\nb\nc")],
)
def test_what_no_file_can_hold_stands_as_its_number(text, cell):
    assert text_cell(text) == cell


def test_csv_is_rfc_4180_byte_by_byte():
    rows = [["a,b", 'say "x"', "a\nb", Decimal("-5.00"), 7, True, None]]
    assert csv_bytes(["h", "ü"], rows) == 'h,ü\r\n"a,b","say ""x""","a\nb",-5.00,7,yes,\r\n'.encode()
    assert csv_bytes(["h"], [], bom=True) == b"\xef\xbb\xbfh\r\n"


def test_a_workbook_has_numbers_as_numbers_and_everything_else_as_text():
    content = xlsx_bytes("s", ["h"] * 6, [["=1+1", "5", "http://x", Decimal("-5.25"), 7, True]])
    row = load_workbook(io.BytesIO(content)).active[2]
    assert [cell.value for cell in row] == ["'=1+1", "5", "http://x", -5.25, 7, True]
    assert [cell.data_type for cell in row] == ["s", "s", "s", "n", "n", "b"]
    assert not any(cell.hyperlink for cell in row)


def test_nothing_in_a_workbook_says_when_it_was_written():
    book = zipfile.ZipFile(io.BytesIO(xlsx_bytes("s", ["h"], [["x"]])))
    assert {each.date_time[:3] for each in book.infolist()} == {(1980, 1, 1)}
    moments = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", book.read("docProps/core.xml").decode())
    assert set(moments) == {"2000-01-01T00:00:00Z"}


def test_only_the_csv_for_excel_begins_with_a_byte_order_mark():
    begins = {name: TARGETS[name].write([], ExportMap()).files[0].content[:3] for name in ("csv", "csv-excel", "xero")}
    assert begins == {"csv": b"id,", "csv-excel": b"\xef\xbb\xbf", "xero": b"*Co"}
