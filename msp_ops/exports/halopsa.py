"""HaloPSA: `POST /api/Actions`, a list of actions.

Its database keeps `timetaken` in hours, some installations take minutes: `time_unit` says which, and one entry should
be tried and looked at before a month is sent. The charge rate has the price.
"""

from collections.abc import Sequence

from msp_ops.domain.export_map import HaloPsa
from msp_ops.domain.time_entry import Export, TimeEntry
from msp_ops.exports.api import Api, Body, Piece, mark_of, stamp
from msp_ops.exports.bodies import export_bodies
from msp_ops.exports.refusals import mapped_number, number, person_of, ticket_number, time_of

_NON_BILLABLE = -1


def halopsa(ids: HaloPsa) -> Api:
    steps = 60 if ids.time_unit == "minutes" else 10_000
    return Api(
        target="halopsa",
        path="/api/Actions",
        steps_an_hour=steps,
        body=lambda piece: _body(piece, ids),
        midnight=False,
        priced_there=True,
    )


def export_halopsa(entries: Sequence[TimeEntry], ids: HaloPsa) -> Export:
    return export_bodies(entries, halopsa(ids))


def _body(piece: Piece, ids: HaloPsa) -> Body:
    entry = piece.entry
    start, _ = time_of(entry)
    rate = mapped_number(ids.hours, entry.hour_class, "halopsa: hours")
    return {
        "ticket_id": ticket_number(entry, ids, "halopsa"),
        "who_agentid": number(person_of(entry, ids.persons, "halopsa: persons"), "halopsa: persons"),
        "actiondate": stamp(start),
        "timetaken": piece.worked if ids.time_unit == "minutes" else piece.worked_hours,
        "actionchargehours": piece.billed_hours if entry.billable else 0,
        "actionnonchargehours": 0 if entry.billable else piece.worked_hours,
        "chargerate": rate if entry.billable else _NON_BILLABLE,
        "note": f"{entry.text} {mark_of(entry)}",
        "hiddenfromuser": not entry.billable,
    }
