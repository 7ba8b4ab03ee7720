"""What all targets with an API share: an entry becomes the body of one request, or is refused with a reason."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msp_ops.domain.record import record
from msp_ops.domain.time_entry import Export, Rejected, TimeEntry, WrittenFile
from msp_ops.exports.entries import in_order
from msp_ops.exports.pieces import pieces_of
from msp_ops.exports.refusals import Refused
from msp_ops.exports.shares import hours, unit_price, whole_steps

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


def export_bodies(entries: Sequence[TimeEntry], api: Api) -> Export:
    """All bodies in one JSON file, with what was refused beside it. An entry goes as a whole or not at all."""
    left = [(each, pieces_of(each) if api.midnight else (each,)) for each in in_order(tuple(entries))]
    rejected: list[Rejected] = []
    while True:
        pieces = _counted([piece for _, few in left for piece in few], api)
        bodies, refused = _bodies(pieces, api)
        if not refused:
            return _export(api, pieces, bodies, rejected)
        rejected += [Rejected(entry=each, reason=refused[each.line_id]) for each, _ in left if each.line_id in refused]
        left = [(each, few) for each, few in left if each.line_id not in refused]


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


def stamp(moment: Any, layout: str = "%Y-%m-%dT%H:%M:%SZ") -> str:  # noqa: ANN401  # a date or a moment
    """A moment as the APIs write it."""
    return str(moment.strftime(layout))


def as_file(name: str, document: Any) -> WrittenFile:  # noqa: ANN401  # JSON types and decimals
    """JSON of ASCII letters only, so that no text can steer who looks at it; the same bytes each time."""
    return WrittenFile(name=name, content=(json.dumps(document, indent=1, default=_number) + "\n").encode("ascii"))


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no spelling in JSON")


def _counted(entries: Sequence[TimeEntry], api: Api) -> list[Piece]:
    worked = whole_steps([each.worked for each in entries], api.steps_an_hour)
    billed = whole_steps([each.billed for each in entries], api.steps_an_hour)
    return [
        Piece(entry=each, worked=work, billed=bill, steps_an_hour=api.steps_an_hour)
        for each, work, bill in zip(entries, worked, billed, strict=True)
    ]


def _bodies(pieces: Sequence[Piece], api: Api) -> tuple[list[Body], dict[str, str]]:
    """The bodies, and the reasons by line where there is none."""
    bodies: list[Body] = []
    refused: dict[str, str] = {}
    for piece in pieces:
        try:
            bodies.append(api.body(piece))
        except Refused as reason:
            refused.setdefault(piece.entry.line_id, str(reason))
    return bodies, refused


def _export(api: Api, pieces: Sequence[Piece], bodies: Sequence[Body], rejected: Sequence[Rejected]) -> Export:
    entries = [piece.entry for piece in pieces]
    named = [{"id": entry.id, **request_of(api, body)} for entry, body in zip(entries, bodies, strict=True)]
    document = {"target": api.target, "entries": named}
    listed = in_order_of_entries(rejected)
    return Export(
        target=api.target,
        files=(as_file(f"{api.target}.json", document),),
        written=tuple(entries),
        rejected=listed,
        worked=hours(sum(piece.worked for piece in pieces), api.steps_an_hour),
        billed=hours(sum(piece.billed for piece in pieces), api.steps_an_hour),
        amount=None if api.priced_there else sum((each.amount for each in entries), Decimal(0)),
        remarks=tuple(_remarks(api, pieces)),
    )


def in_order_of_entries(rejected: Sequence[Rejected]) -> tuple[Rejected, ...]:
    """As the entries are ordered."""
    reasons = {each.entry.id: each for each in rejected}
    return tuple(reasons[entry.id] for entry in in_order(tuple(each.entry for each in rejected)))


def _remarks(api: Api, pieces: Sequence[Piece]) -> list[str]:
    remarks = []
    for what, spans, steps in (
        ("worked", [piece.entry.worked for piece in pieces], sum(piece.worked for piece in pieces)),
        ("billed", [piece.entry.billed for piece in pieces], sum(piece.billed for piece in pieces)),
    ):
        seconds = sum(span.total_seconds() for span in spans)
        if seconds * api.steps_an_hour != steps * 3600:
            remarks.append(
                f"{what}: {seconds:.0f} s are {hours(steps, api.steps_an_hour)} h there, "
                f"which keeps {api.steps_an_hour} steps an hour"
            )
    if api.priced_there:
        remarks.append("the amounts stay here: what an hour costs is set there, and must be compared there")
    long = [piece.entry.id for piece in pieces if api.longest is not None and len(piece.entry.text) > api.longest]
    return [*remarks, *([f"texts were cut after {api.longest} letters: {', '.join(long)}"] if long else [])]
