"""What all targets with an API share: an entry becomes the body of one request, or is refused with a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from msp_ops.domain.time_entry import Export, Rejected, TimeEntry
from msp_ops.exports.api import Api, Body, Piece, as_file, request_of
from msp_ops.exports.entries import in_order
from msp_ops.exports.pieces import pieces_of
from msp_ops.exports.refusals import Refused
from msp_ops.exports.shares import HOUR, hours, whole_steps


def export_bodies(entries: Sequence[TimeEntry], api: Api) -> Export:
    """All bodies in one JSON file, with what was refused beside it. An entry goes as a whole or not at all."""
    left = [(each, _pieces(each, api)) for each in in_order(tuple(entries))]
    rejected: list[Rejected] = []
    while True:
        pieces = _counted([piece for _, few in left for piece in few], api)
        bodies, refused = _bodies(pieces, api)
        if not refused:
            return _export(api, pieces, bodies, rejected)
        rejected += [Rejected(entry=each, reason=refused[each.line_id]) for each, _ in left if each.line_id in refused]
        left = [(each, few) for each, few in left if each.line_id not in refused]


def _pieces(entry: TimeEntry, api: Api) -> tuple[TimeEntry, ...]:
    """What rounding alone has added, in another class of hours than the work, is shown as the time it stands for."""
    if is_rounding(entry) and entry.started_at is not None:
        entry = replace(entry, worked=entry.billed, ended_at=entry.started_at + entry.billed)
    return pieces_of(entry) if api.midnight else (entry,)


def is_rounding(entry: TimeEntry) -> bool:
    """Whether nobody worked in it: it lies behind the last minute of work."""
    return not entry.worked and entry.billed > timedelta(0)


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


def _remarks(api: Api, pieces: Sequence[Piece]) -> Iterator[str]:
    """What the target cannot hold."""
    yield from _lost("worked", [piece.entry.worked for piece in pieces], [piece.worked for piece in pieces], api)
    yield from _lost("billed", [piece.entry.billed for piece in pieces], [piece.billed for piece in pieces], api)
    if api.priced_there:
        yield "the amounts stay here: what an hour costs is set there, and must be compared there"
    if long := [piece.entry.id for piece in pieces if api.longest is not None and len(piece.entry.text) > api.longest]:
        yield f"texts were cut after {api.longest} letters: {', '.join(long)}"


def _lost(what: str, spans: Sequence[timedelta], counted: Sequence[int], api: Api) -> Iterator[str]:
    seconds, steps = sum(spans, timedelta(0)) // timedelta(seconds=1), sum(counted)
    if seconds * api.steps_an_hour != steps * HOUR:
        kept = f"which keeps {api.steps_an_hour} steps an hour"
        yield f"{what}: {seconds} s are {hours(steps, api.steps_an_hour)} h there, {kept}"
