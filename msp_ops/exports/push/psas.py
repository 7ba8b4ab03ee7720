"""Where each PSA lists the entries among which ours must be, by what its documentation can filter.

ConnectWise: `conditions` on member and day. Autotask: a query on ticket and person. Syncro: a ticket shows its timers.
Kimai: timesheets of a user between two moments. The filters are coarse on purpose, for a PSA may round moments; our
mark is looked for here, letter by letter.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from msp_ops.exports.push.send import Lookup, Psa, Request

Entry = Mapping[str, Any]
_PAGE = 1000
_AUTOTASK_PAGE = 500
_KIMAI_PAGE = 500


def _connectwise(request: Request) -> Lookup:
    member = request.body["member"]["identifier"].replace("\\", "\\\\").replace('"', '\\"')
    day, after = _days(request.body["timeStart"])
    conditions = f'timeStart>=[{day}T00:00:00Z] and timeStart<[{after}T00:00:00Z] and member/identifier="{member}"'
    query = {"conditions": conditions, "pageSize": str(_PAGE)}
    return Lookup(method="GET", path="/time/entries", query=query, most=_PAGE)


def _connectwise_text(entry: Entry) -> str:
    return str(entry.get("internalNotes") or "")


def _autotask(request: Request) -> Lookup:
    names = ("ticketID", "resourceID")
    wanted = [{"op": "eq", "field": name, "value": request.body[name]} for name in names]
    body = {"filter": wanted, "MaxRecords": _AUTOTASK_PAGE}
    return Lookup(method="POST", path="/V1.0/TimeEntries/query", body=body, most=_AUTOTASK_PAGE)


def _syncro(request: Request) -> Lookup:
    return Lookup(method="GET", path=request.path.removesuffix("/timer_entry"))


def _kimai(request: Request) -> Lookup:
    day, after = _days(request.body["begin"])
    times = {"begin": f"{day}T00:00:00", "end": f"{after}T23:59:59"}
    query = {"user": str(request.body["user"]), **times, "size": str(_KIMAI_PAGE)}
    return Lookup(method="GET", path="/api/timesheets", query=query, most=_KIMAI_PAGE)


def _days(moment: str) -> tuple[date, date]:
    """The day of the moment and the next one."""
    day = date.fromisoformat(moment[:10])
    return day, day + timedelta(days=1)


def _listed(said: Any) -> Iterable[Entry]:  # noqa: ANN401  # JSON
    if not isinstance(said, list):
        raise TypeError("no list")
    return said


CONNECTWISE = Psa(lookup=_connectwise, entries=_listed, text=_connectwise_text, created=lambda said: said.get("id"))
AUTOTASK = Psa(
    lookup=_autotask,
    entries=lambda said: _listed(said["items"]),
    text=lambda entry: str(entry.get("internalNotes") or ""),
    created=lambda said: said.get("itemId"),
)
SYNCRO = Psa(
    lookup=_syncro,
    entries=lambda said: _listed(said["ticket"]["ticket_timers"]),
    text=lambda entry: str(entry.get("notes") or ""),
    created=lambda said: said.get("id"),
)
KIMAI = Psa(
    lookup=_kimai,
    entries=_listed,
    text=lambda entry: str(entry.get("description") or ""),
    created=lambda said: said.get("id"),
)
PSAS: dict[str, Psa] = {"connectwise": CONNECTWISE, "autotask": AUTOTASK, "syncro": SYNCRO, "kimai": KIMAI}
