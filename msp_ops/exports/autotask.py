"""Autotask PSA: `POST /V1.0/TimeEntries` of its REST API.

Fields and rules as in Kaseya's TimeEntriesEntity page: moments in UTC; an entry that crosses midnight UTC needs a
setting of the system, so it is cut; `hoursWorked` above 0 and at most 24. A submitted timesheet refuses new entries.
Role and billing code have the price.
"""

from collections.abc import Sequence
from typing import Any

from msp_ops.domain.export_map import Autotask
from msp_ops.domain.time_entry import Export, TimeEntry
from msp_ops.exports.api import Api, Body, Piece, cut, mark_of, stamp
from msp_ops.exports.bodies import export_bodies
from msp_ops.exports.refusals import mapped_number, number, person_of, ticket_number, time_of

_LONGEST = 8000


def autotask(ids: Autotask) -> Api:
    return Api(
        target="autotask",
        path="/V1.0/TimeEntries",
        steps_an_hour=10_000,
        body=lambda piece: _body(piece, ids),
        priced_there=True,
        longest=_LONGEST,
    )


def export_autotask(entries: Sequence[TimeEntry], ids: Autotask) -> Export:
    return export_bodies(entries, autotask(ids))


def _body(piece: Piece, ids: Autotask) -> Body:
    entry = piece.entry
    start, end = time_of(entry)
    body: dict[str, Any] = {
        "ticketID": ticket_number(entry, ids, "autotask"),
        "resourceID": number(person_of(entry, ids.persons, "autotask: persons"), "autotask: persons"),
        "roleID": mapped_number(ids.roles, entry.role or "default", "autotask: roles"),
        "billingCodeID": mapped_number(ids.hours, entry.hour_class, "autotask: hours"),
        "dateWorked": stamp(start, "%Y-%m-%dT00:00:00Z"),
        "startDateTime": stamp(start),
        "endDateTime": stamp(end),
        "hoursWorked": piece.worked_hours,
        "hoursToBill": piece.billed_hours,
        "isNonBillable": not entry.billable,
        "showOnInvoice": True,
        "summaryNotes": cut(entry.text, _LONGEST),
        "internalNotes": cut(f"{mark_of(entry)} {entry.internal}", _LONGEST),
    }
    if (agreement := f"{entry.client_id}/{entry.contract_id}") in ids.agreements:
        body["contractID"] = mapped_number(ids.agreements, agreement, "autotask: agreements")
    return body
