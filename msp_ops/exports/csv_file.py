"""CSV after RFC 4180: comma, quotes where they are needed, CRLF, UTF-8."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msp_ops.exports.cells import text_cell
from msp_ops.exports.columns import Cell

BOM = b"\xef\xbb\xbf"


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, bom: bool = False) -> bytes:
    """The same rows give the same bytes. With `bom`, Excel takes them for UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return (BOM if bom else b"") + text.getvalue().encode("utf-8")


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case Decimal():
            return f"{cell:f}"
        case int():
            return str(cell)
        case str():
            return text_cell(cell)
