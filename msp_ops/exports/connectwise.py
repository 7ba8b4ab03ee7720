"""ConnectWise PSA: `POST /time/entries` of its REST API.

Fields as in ConnectWiseManageAPI's New-CWMTimeEntry and the SDKs made from its description (`chargeToId`,
`chargeToType`, `member`, `timeStart`, `hoursBilled`, `billableOption` ...). An entry that is billed cannot be deleted.
"""

from collections.abc import Sequence
from typing import Any

from msp_ops.domain.export_map import ConnectWise
from msp_ops.domain.time_entry import Export, TimeEntry
from msp_ops.exports.api import Api, Body, Piece, mark_of, stamp
from msp_ops.exports.bodies import export_bodies
from msp_ops.exports.refusals import mapped_number, person_of, ticket_number, time_of


def connectwise(ids: ConnectWise) -> Api:
    """Hours in hundredths, as its screens have them."""
    return Api(target="connectwise", path="/time/entries", steps_an_hour=100, body=lambda piece: _body(piece, ids))


def export_connectwise(entries: Sequence[TimeEntry], ids: ConnectWise) -> Export:
    return export_bodies(entries, connectwise(ids))


def _body(piece: Piece, ids: ConnectWise) -> Body:
    entry = piece.entry
    start, end = time_of(entry)
    body: dict[str, Any] = {
        "company": {"id": mapped_number(ids.clients, entry.client_id, "connectwise: clients")},
        "member": {"identifier": person_of(entry, ids.persons, "connectwise: persons")},
        "workType": {"id": mapped_number(ids.hours, entry.hour_class, "connectwise: hours")},
        "timeStart": stamp(start),
        "timeEnd": stamp(end),
        "actualHours": piece.worked_hours,
        "hoursBilled": piece.billed_hours,
        "billableOption": _option(entry),
        "notes": entry.text,
        "internalNotes": f"{mark_of(entry)} {entry.internal}",
    }
    if entry.ticket is not None:
        body |= {"chargeToId": ticket_number(entry, ids, "connectwise"), "chargeToType": "ServiceTicket"}
    if entry.role is not None:
        body["workRole"] = {"id": mapped_number(ids.roles, entry.role, "connectwise: roles")}
    if (agreement := f"{entry.client_id}/{entry.contract_id}") in ids.agreements:
        body["agreement"] = {"id": mapped_number(ids.agreements, agreement, "connectwise: agreements")}
    if entry.billable:
        body["hourlyRate"] = piece.hourly_rate()
    if ids.custom_field is not None:
        body["customFields"] = [{"id": ids.custom_field, "value": entry.id}]
    return body


def _option(entry: TimeEntry) -> str:
    """What is drawn from hours that were paid ahead is shown to the client and not charged again."""
    if entry.billable:
        return "Billable"
    return "NoCharge" if entry.billed else "DoNotBill"
