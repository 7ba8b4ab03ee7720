"""A workbook of one sheet; texts are texts whatever they look like, numbers are numbers, and the bytes are the same."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from msp_ops.exports.cells import text_cell
from msp_ops.exports.columns import Cell

LONGEST = 32_767  # letters, counted as UTF-16, that a cell of Excel holds
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  # the file keeps no zone; a real moment would change the bytes
_NO_GUESSING = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def xlsx_bytes(sheet: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """What is longer than a cell is cut, and says so at its end."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, _NO_GUESSING)
    book.set_properties({"created": _MADE})
    page = book.add_worksheet(sheet)
    for column, name in enumerate(head):
        page.write_string(0, column, name)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            _write(page, number, column, cell)
    page.freeze_panes(1, 0)
    book.close()
    return held.getvalue()


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell) -> None:
    match cell:
        case None | "":
            pass
        case bool():
            page.write_boolean(row, column, cell)
        case int() | Decimal():
            page.write_number(row, column, cell)
        case str():
            page.write_string(row, column, _cut(text_cell(cell)))


def is_too_long(text: str) -> bool:
    """Whether a cell cannot hold all of it."""
    return len(text_cell(text).encode("utf-16-le")) > 2 * LONGEST


def _cut(text: str) -> str:
    """Of what is a cell already."""
    wide = text.encode("utf-16-le")
    if len(wide) <= 2 * LONGEST:
        return text
    return wide[: 2 * (LONGEST - 3)].decode("utf-16-le", "ignore") + "..."
