"""QuickBooks Online: `POST /v3/company/{realmId}/timeactivity`.

Fields of Intuit's TimeActivity: `TxnDate`, `NameOf` with the matching reference, `Hours` and `Minutes`. Minutes are
whole. What is billable needs CustomerRef and ItemRef. A description has at most 4,000 letters.
"""

from collections.abc import Sequence
from typing import Any

from msp_ops.domain.export_map import QuickBooks
from msp_ops.domain.time_entry import Export, TimeEntry
from msp_ops.exports.api import Api, Body, Piece, cut, mark_of, stamp
from msp_ops.exports.bodies import export_bodies
from msp_ops.exports.refusals import mapped, person_of, time_of

_LONGEST = 4000


def quickbooks(ids: QuickBooks) -> Api:
    return Api(
        target="quickbooks",
        path="/v3/company/{realmId}/timeactivity",
        steps_an_hour=60,
        body=lambda piece: _body(piece, ids),
        longest=_LONGEST,
    )


def export_quickbooks(entries: Sequence[TimeEntry], ids: QuickBooks) -> Export:
    return export_bodies(entries, quickbooks(ids))


def _body(piece: Piece, ids: QuickBooks) -> Body:
    entry = piece.entry
    start, _ = time_of(entry)
    hours, minutes = divmod(piece.shown, 60)
    body: dict[str, Any] = {
        "TxnDate": stamp(start, "%Y-%m-%d"),
        **_who(entry, ids),
        "CustomerRef": {"value": mapped(ids.clients, entry.client_id, "quickbooks: clients")},
        "ItemRef": {"value": mapped(ids.hours, entry.hour_class, "quickbooks: hours")},
        "Hours": hours,
        "Minutes": minutes,
        "BillableStatus": "Billable" if entry.billable else "NotBillable",
        "Taxable": ids.taxable and entry.billable,
        "Description": _description(entry),
    }
    return body | {"HourlyRate": piece.hourly_rate()} if entry.billable else body


def _who(entry: TimeEntry, ids: QuickBooks) -> dict[str, Any]:
    if entry.person in ids.vendors:
        return {"NameOf": "Vendor", "VendorRef": {"value": ids.vendors[entry.person or ""]}}
    employee = person_of(entry, ids.persons, "quickbooks: persons (or vendors)")
    return {"NameOf": "Employee", "EmployeeRef": {"value": employee}}


def _description(entry: TimeEntry) -> str:
    mark = f" {mark_of(entry)}"
    return cut(entry.text, _LONGEST - len(mark)) + mark
