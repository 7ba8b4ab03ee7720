"""Syncro: `POST /api/v1/tickets/{id}/timer_entry`, as its API documentation lists it.

Minutes are whole; the labour product has the price.
"""

from collections.abc import Sequence
from datetime import timedelta

from msp_ops.domain.export_map import Syncro
from msp_ops.domain.time_entry import Export, TimeEntry
from msp_ops.exports.api import Api, Body, Piece, mark_of, stamp
from msp_ops.exports.bodies import export_bodies
from msp_ops.exports.refusals import mapped_number, number, person_of, ticket_number, time_of


def syncro(ids: Syncro) -> Api:
    return Api(
        target="syncro",
        path="/api/v1/tickets/{ticket_id}/timer_entry",
        steps_an_hour=60,
        body=lambda piece: _body(piece, ids),
        midnight=False,
        priced_there=True,
    )


def export_syncro(entries: Sequence[TimeEntry], ids: Syncro) -> Export:
    return export_bodies(entries, syncro(ids))


def _body(piece: Piece, ids: Syncro) -> Body:
    """What costs nothing is kept with the time that it took."""
    entry = piece.entry
    start, _ = time_of(entry)
    minutes = piece.shown
    return {
        "ticket_id": ticket_number(entry, ids, "syncro"),
        "user_id": number(person_of(entry, ids.persons, "syncro: persons"), "syncro: persons"),
        "product_id": mapped_number(ids.hours, entry.hour_class, "syncro: hours"),
        "start_at": stamp(start),
        "end_at": stamp(start + timedelta(minutes=minutes)),
        "duration_minutes": minutes,
        "billable": entry.billable,
        "notes": f"{entry.text} {mark_of(entry)}",
    }
