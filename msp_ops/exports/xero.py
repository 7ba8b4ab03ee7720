"""Xero: the file of its page "Import a sales invoice", with the columns of the template, none added, none left out.

Published rules: at most 500 invoices a file; lines of one invoice have one InvoiceNumber, which no other invoice has;
dates in the format of the organisation's region; all amounts with tax or all without (these are without); TaxType is
the name of a tax rate as Xero displays it; unit amounts of at most four decimals; descriptions of 4,000 letters.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from msp_ops.domain.export_map import Sort, Xero
from msp_ops.domain.record import record
from msp_ops.domain.time_entry import Export, Rejected, TimeEntry, WrittenFile
from msp_ops.exports.api import cut
from msp_ops.exports.cells import is_unchanged, plain_text
from msp_ops.exports.columns import Cell
from msp_ops.exports.csv_file import csv_bytes
from msp_ops.exports.entries import in_order
from msp_ops.exports.refusals import Refused, mapped
from msp_ops.exports.shares import hours, unit_price, whole_steps

HEAD = (
    *("*ContactName", "EmailAddress", "POAddressLine1", "POAddressLine2", "POAddressLine3", "POAddressLine4"),
    *("POCity", "PORegion", "POPostalCode", "POCountry", "*InvoiceNumber", "Reference", "*InvoiceDate", "*DueDate"),
    *("Total", "InventoryItemCode", "*Description", "*Quantity", "*UnitAmount", "Discount", "*AccountCode"),
    *("*TaxType", "TaxAmount", "TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2"),
    *("Currency", "BrandingTheme"),
)
MOST_INVOICES = 500
_LONGEST = 4000
_STEPS = 10_000
_LAYOUTS = {"DD/MM/YYYY": "%d/%m/%Y", "MM/DD/YYYY": "%m/%d/%Y"}


@record
class _Line:
    """What is the same elsewhere by name; `number` says which invoice it stands on."""

    entry: TimeEntry
    contact: str
    number: str
    account: str
    tax: str


def export_xero(entries: Sequence[TimeEntry], ids: Xero) -> Export:
    """Every line of the statement, also fees, corrections and what costs nothing, so that totals are the same."""
    lines, rejected = _lines(entries, ids)
    lines.sort(key=lambda each: each.number)
    written = tuple(each.entry for each in lines)
    steps = whole_steps([max(each.billed, timedelta(0)) for each in written], _STEPS)
    rows = [_row(line, hours(count, _STEPS), ids) for line, count in zip(lines, steps, strict=True)]
    long = [each.id for each in written if len(_description(each)) >= _LONGEST]
    cuts = (f"texts were cut after {_LONGEST} letters: {', '.join(long)}",) if long else ()
    return Export(
        target="xero",
        files=tuple(_files(rows)),
        written=written,
        rejected=tuple(rejected),
        worked=Decimal(0),
        billed=hours(sum(steps), _STEPS),
        amount=sum((each.amount for each in written), Decimal(0)),
        remarks=("the amounts are before tax: choose 'Tax Exclusive' when you import", *cuts, *_credits(lines)),
    )


def _lines(entries: Sequence[TimeEntry], ids: Xero) -> tuple[list[_Line], list[Rejected]]:
    lines, rejected = [], []
    for entry in in_order(tuple(entries)):
        try:
            lines.append(_line(entry, ids))
        except Refused as reason:
            rejected.append(Rejected(entry=entry, reason=str(reason)))
    return lines, rejected


def _line(entry: TimeEntry, ids: Xero) -> _Line:
    kind: Sort = "fee" if entry.activity is None else entry.hour_class
    return _Line(
        entry=entry,
        contact=_exact(mapped(ids.clients, entry.client_id, "xero: clients")),
        number=_exact(_number(entry, ids)),
        account=_exact(mapped(ids.accounts, kind, "xero: accounts")),
        tax=_exact(mapped(ids.taxes, entry.tax or "none", "xero: taxes")),
    )


def _number(entry: TimeEntry, ids: Xero) -> str:
    ticket = f"-{entry.ticket}" if ids.invoices == "ticket" and entry.ticket else ""
    draft = "DRAFT-" if entry.draft else ""
    return f"{draft}{ids.number_prefix}{entry.client_id}-{entry.month:%Y-%m}{ticket}"


def _exact(name: str) -> str:
    """A name that Xero compares letter by letter."""
    if not is_unchanged(name) or name != name.strip() or not 0 < len(name) <= 255:
        raise Refused(
            f"'{name}' cannot be written as it is: a spreadsheet would take it for a formula, or it has more than 255 "
            "letters; give it another name there and in exports.yaml"
        )
    return name


def _row(line: _Line, billed: Decimal, ids: Xero) -> list[Cell]:
    entry, layout = line.entry, _LAYOUTS[ids.dates]
    last = _last_day(entry)
    quantity, price = _price(entry, billed)
    cells: dict[str, Cell] = {
        "*ContactName": line.contact,
        "*InvoiceNumber": line.number,
        "Reference": line.number.removeprefix(ids.number_prefix),
        "*InvoiceDate": last.strftime(layout),
        "*DueDate": (last + timedelta(days=ids.payment_days)).strftime(layout),
        "*Description": cut(_description(entry), _LONGEST - 1),
        "*Quantity": quantity,
        "*UnitAmount": price,
        "*AccountCode": line.account,
        "*TaxType": line.tax,
        "Currency": entry.currency,
    }
    return [cells.get(name) for name in HEAD]


def _description(entry: TimeEntry) -> str:
    """One letter less than Xero takes, for an apostrophe may be needed before it."""
    ticket = f"{entry.ticket}: " if entry.ticket else ""
    dear = f" ({entry.hour_class})" if entry.hour_class != "business" else ""
    return plain_text(f"{ticket}{entry.text}{dear}")


def _last_day(entry: TimeEntry) -> date:
    return (entry.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _price(entry: TimeEntry, billed: Decimal) -> tuple[Decimal, Decimal]:
    """Quantity and unit amount, whose product is the amount to the cent; one of it where hours cannot make it."""
    price = unit_price(entry.amount, billed, entry.rate, entry.currency) if billed and entry.amount >= 0 else None
    return (Decimal(1), entry.amount) if price is None else (billed, price)


def _files(rows: Sequence[Sequence[Cell]]) -> Iterator[WrittenFile]:
    """An invoice is never cut in two."""
    at = HEAD.index("*InvoiceNumber")
    invoices = [list(lines) for _, lines in groupby(rows, key=lambda row: row[at])]
    several = len(invoices) > MOST_INVOICES
    for number, begin in enumerate(range(0, len(invoices) or 1, MOST_INVOICES), 1):
        lines = [line for invoice in invoices[begin : begin + MOST_INVOICES] for line in invoice]
        name = f"xero-{number}.csv" if several else "xero.csv"
        yield WrittenFile(name=name, content=csv_bytes(HEAD, lines))


def _credits(lines: Sequence[_Line]) -> Iterator[str]:
    for number, few in groupby(lines, key=lambda each: each.number):
        total = sum((each.entry.amount for each in few), Decimal(0))
        if total < 0:
            yield f"{number} is below zero ({total}): Xero wants that as a credit note"
