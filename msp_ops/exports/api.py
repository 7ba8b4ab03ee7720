"""A program that takes time by requests, and how one piece of an entry is told to it."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msp_ops.domain.record import record
from msp_ops.domain.time_entry import TimeEntry, WrittenFile
from msp_ops.exports.refusals import Refused
from msp_ops.exports.shares import hours, unit_price

Body = Mapping[str, Any]
MARK = "[msp-ops {id}]"


@record
class Piece:
    """What one request is about: `worked` and `billed` in steps of the target, which together lose nothing."""

    entry: TimeEntry
    worked: int
    billed: int
    steps_an_hour: int

    @property
    def worked_hours(self) -> Decimal:
        return hours(self.worked, self.steps_an_hour)

    @property
    def shown(self) -> int:
        """For targets with one time only: what was billed, else what it took."""
        return self.billed or self.worked

    @property
    def billed_hours(self) -> Decimal:
        return hours(self.billed, self.steps_an_hour)

    def hourly_rate(self) -> Decimal:
        """The rate by which the target's own product is the amount to the cent; Refused when there is none."""
        entry = self.entry
        exact = Decimal(self.billed) / self.steps_an_hour
        price = unit_price(entry.amount, exact, entry.rate, entry.currency)
        if price is None:
            raise Refused(f"no rate of four decimals makes {self.billed_hours} h cost {entry.amount} {entry.currency}")
        return price


@record
class Api:
    """A program that takes time by requests.

    `steps_an_hour`: how finely it keeps hours. `midnight`: an entry must not cross it, in UTC. `priced_there`: what an
    hour costs is known there and cannot be told. `longest`: letters of a text that it takes; None: not documented.
    """

    target: str
    path: str
    steps_an_hour: int
    body: Callable[[Piece], Body]
    midnight: bool = True
    priced_there: bool = False
    longest: int | None = None


def request_of(api: Api, body: Body) -> dict[str, Any]:
    """Where the body goes; a ticket that stands in the path does not stand in the body too."""
    if "{ticket_id}" not in api.path:
        return {"request": f"POST {api.path}", "body": body}
    path = api.path.replace("{ticket_id}", str(body["ticket_id"]))
    return {"request": f"POST {path}", "body": {key: value for key, value in body.items() if key != "ticket_id"}}


def mark_of(entry: TimeEntry) -> str:
    """What stands in a text so that the entry is found again by our id."""
    return MARK.format(id=entry.id)


def cut(text: str, longest: int | None) -> str:
    """At most so many letters; three dots say that there were more."""
    return text if longest is None or len(text) <= longest else f"{text[: longest - 3]}..."


def stamp(moment: date, layout: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    """A moment as the APIs write it."""
    return moment.strftime(layout)


def as_file(name: str, document: Any) -> WrittenFile:  # noqa: ANN401  # JSON types and decimals
    """JSON of ASCII letters only, so that no text can steer who looks at it; the same bytes each time."""
    return WrittenFile(name=name, content=(json.dumps(document, indent=1, default=_number) + "\n").encode("ascii"))


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no spelling in JSON")
