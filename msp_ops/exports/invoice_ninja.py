"""Invoice Ninja: `POST /api/v1/tasks`, one task an entry; `time_log` is JSON text of `[[start, end]]` in Unix seconds.

It charges the time of the log, so the log has the billed time from when the work began (StoreTaskRequest wants whole
numbers without overlap). `number` is our id: Invoice Ninja refuses a second task of the same number.
"""

import json
from collections.abc import Sequence

from msp_ops.domain.export_map import InvoiceNinja
from msp_ops.domain.time_entry import Export, TimeEntry
from msp_ops.exports.api import Api, Body, Piece
from msp_ops.exports.bodies import export_bodies
from msp_ops.exports.refusals import mapped, person_of, time_of


def invoice_ninja(ids: InvoiceNinja) -> Api:
    return Api(
        target="invoiceninja",
        path="/api/v1/tasks",
        steps_an_hour=3600,
        body=lambda piece: _body(piece, ids),
        midnight=False,
    )


def export_invoice_ninja(entries: Sequence[TimeEntry], ids: InvoiceNinja) -> Export:
    return export_bodies(entries, invoice_ninja(ids))


def _body(piece: Piece, ids: InvoiceNinja) -> Body:
    entry = piece.entry
    start, _ = time_of(entry)
    began = int(start.timestamp())
    body = {
        "client_id": mapped(ids.clients, entry.client_id, "invoiceninja: clients"),
        "assigned_user_id": person_of(entry, ids.persons, "invoiceninja: persons"),
        "number": entry.id,
        "description": entry.text,
        "rate": piece.hourly_rate() if entry.billable else 0,
        "time_log": json.dumps([[began, began + piece.shown]]),
    }
    project = ids.projects.get(entry.client_id)
    return body if project is None else body | {"project_id": project}
