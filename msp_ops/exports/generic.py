"""For programs without a module of their own: every column, as CSV, XLSX or JSON."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from msp_ops.domain.time_entry import Export, Rejected, TimeEntry, WrittenFile
from msp_ops.exports.api import as_file
from msp_ops.exports.columns import COLUMNS, Cell, billed_hours, billed_hours_each, worked_hours
from msp_ops.exports.csv_file import csv_bytes
from msp_ops.exports.entries import in_order
from msp_ops.exports.xlsx_file import LONGEST, is_too_long, xlsx_bytes

SCHEMA = "time-entries.schema.json"
HEAD = (*(column.name for column in COLUMNS), "billed_hours")


def export_csv(entries: Sequence[TimeEntry], *, bom: bool = False) -> Export:
    """Nothing is rejected. `bom`: for Excel, which otherwise takes UTF-8 for an older alphabet."""
    ordered = in_order(tuple(entries))
    return _export(
        "csv",
        ordered,
        WrittenFile(
            name="time-entries-excel.csv" if bom else "time-entries.csv",
            content=csv_bytes(HEAD, _rows(ordered), bom=bom),
        ),
    )


def export_xlsx(entries: Sequence[TimeEntry]) -> Export:
    """Nothing is rejected; a text that no cell holds is cut."""
    ordered = in_order(tuple(entries))
    content = xlsx_bytes("time entries", HEAD, _rows(ordered))
    long = [each.id for each in ordered if any(map(is_too_long, (each.text, each.internal, each.reason)))]
    remarks = (f"texts were cut after {LONGEST} letters: {', '.join(long)}",) if long else ()
    return _export("xlsx", ordered, WrittenFile(name="time-entries.xlsx", content=content), remarks)


def export_json(entries: Sequence[TimeEntry]) -> Export:
    """Decimals as text, so that no reader rounds them; `schemas/time-entries.schema.json` describes it."""
    ordered = in_order(tuple(entries))
    document = [{name: _plain(cell) for name, cell in zip(HEAD, row, strict=True)} for row in _rows(ordered)]
    return _export("json", ordered, as_file("time-entries.json", {"time_entries": document}))


def rejected_file(rejected: Sequence[Rejected]) -> WrittenFile:
    """What a target did not take, with the reasons; written also when it is none, so that an old one does not stay."""
    head = ("rejected_because", *(column.name for column in COLUMNS))
    rows = ([each.reason, *(column.value(each.entry) for column in COLUMNS)] for each in rejected)
    return WrittenFile(name="rejected.csv", content=csv_bytes(head, rows))


def document_schema() -> dict[str, Any]:
    """JSON Schema of what `export_json` writes."""
    kinds: dict[str, dict[str, Any]] = {
        "text": {"type": "string"},
        "whole": {"type": "integer"},
        "decimal": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
        "yes-no": {"type": "boolean"},
    }
    properties = {
        column.name: kinds[column.kind]
        | {"description": column.says}
        | ({} if column.always else {"type": ["string", "null"]})
        for column in COLUMNS
    }
    properties["billed_hours"] = kinds["decimal"] | {"description": "by running sums: together they are exact"}
    entry = {"type": "object", "properties": properties, "required": list(HEAD), "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Time entries of msp-ops",
        "type": "object",
        "properties": {"time_entries": {"type": "array", "items": entry}},
        "required": ["time_entries"],
        "additionalProperties": False,
    }


def _rows(entries: Sequence[TimeEntry]) -> list[list[Cell]]:
    together = zip(entries, billed_hours_each(entries), strict=True)
    return [[*(column.value(entry) for column in COLUMNS), billed] for entry, billed in together]


def _plain(cell: Cell) -> str | int | bool | None:
    return f"{cell:f}" if isinstance(cell, Decimal) else cell


def _export(target: str, entries: tuple[TimeEntry, ...], file: WrittenFile, remarks: tuple[str, ...] = ()) -> Export:
    return Export(
        target=target,
        files=(file,),
        written=entries,
        rejected=(),
        worked=worked_hours(entries),
        billed=billed_hours(entries),
        amount=sum((each.amount for each in entries), Decimal(0)),
        remarks=remarks,
    )
