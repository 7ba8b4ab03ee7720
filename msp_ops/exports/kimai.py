"""Kimai: `POST /api/timesheets`, fields as in its TimesheetApiEditForm.

Moments are the local time of the user whose token sends, without an offset. `fixedRate` is the price of the whole
entry, so amounts are exact; it needs the permission to edit rates. Kimai's own rounding must be off (0 minutes), or it
changes begin and end.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from msp_ops.domain.export_map import Kimai
from msp_ops.domain.time_entry import Export, TimeEntry
from msp_ops.exports.api import Api, Body, Piece, mark_of, stamp
from msp_ops.exports.bodies import export_bodies
from msp_ops.exports.refusals import Refused, mapped_number, number, person_of, time_of

_LOCAL = "%Y-%m-%dT%H:%M:%S"


def kimai(ids: Kimai) -> Api:
    body = partial(_body, ids=ids)
    return Api(target="kimai", path="/api/timesheets", steps_an_hour=3600, body=body, midnight=False)


def export_kimai(entries: Sequence[TimeEntry], ids: Kimai) -> Export:
    return export_bodies(entries, kimai(ids))


def _body(piece: Piece, ids: Kimai) -> Body:
    entry, zone = piece.entry, ZoneInfo(ids.timezone)
    start, end = time_of(entry)
    return {
        "begin": _local(start, zone),
        "end": _local(end, zone),
        "project": mapped_number(ids.clients, entry.client_id, "kimai: clients"),
        "activity": mapped_number(ids.hours, entry.hour_class, "kimai: hours"),
        "user": number(person_of(entry, ids.persons, "kimai: persons"), "kimai: persons"),
        "description": f"{entry.text} {mark_of(entry)}",
        "tags": f"msp-ops,{entry.hour_class},{entry.place}",
        "fixedRate": entry.amount,
        "billable": entry.billable,
        "exported": False,
    }


def _local(moment: datetime, zone: ZoneInfo) -> str:
    """Refused in the hour that the clocks of autumn show twice: Kimai would take it for the first one."""
    local = moment.astimezone(zone)
    if local.replace(fold=0).astimezone(UTC) != moment:
        raise Refused(
            f"{stamp(local, _LOCAL)} is twice on that day in {zone}, and Kimai takes the first; let a user in UTC send "
            "it, and write kimai: timezone: UTC"
        )
    return stamp(local, _LOCAL)
