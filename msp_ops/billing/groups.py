"""Records of one contract and one rounding key are added up and rounded once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from msp_ops.billing.entry import Entry
from msp_ops.billing.rounding import NOTHING, billed_time
from msp_ops.calendar.hour_classes import Segment, segments
from msp_ops.domain.client import Client
from msp_ops.domain.contract import Contract, Rounding
from msp_ops.domain.record import record
from msp_ops.domain.work import Place, Span

Scoped = Literal["entry", "ticket", "day"]


@record
class Piece:
    """A part of a record in one class of hours; `billed` is what its group's rounding makes of it."""

    entry: Entry
    segment: Segment
    billed: timedelta

    @property
    def order(self) -> tuple[datetime, str]:
        return (self.segment.started_at, self.entry.record.id)


@record
class Group:
    """What is rounded as one. `key`: the record's id, the ticket or the day, as `scope` says."""

    contract: Contract
    scope: Scoped
    key: str
    rounding: Rounding
    pieces: tuple[Piece, ...]

    @property
    def measured(self) -> timedelta:
        return sum((piece.segment.length for piece in self.pieces), NOTHING)

    @property
    def billed(self) -> timedelta:
        return sum((piece.billed for piece in self.pieces), NOTHING)


def pieces_of(entry: Entry, own: Iterable[Span], client: Client) -> list[Piece]:
    """The entry's own time, cut where its class of hours changes and at midnights."""
    parts = (part for span in own for part in segments(span.started_at, span.ended_at, client.timezone, client.hours))
    return [Piece(entry=entry, segment=part, billed=part.length) for part in parts]


def groups_of(contract: Contract, pieces: Iterable[Piece]) -> list[Group]:
    """The pieces of one contract, rounded; groups in the order of their first piece."""
    keyed = sorted(pieces, key=lambda piece: (_key(contract, piece), piece.order))
    found = [_rounded(contract, key, list(few)) for key, few in groupby(keyed, key=lambda piece: _key(contract, piece))]
    return sorted(found, key=lambda group: group.pieces[0].order)


def rounding_at(contract: Contract, place: Place) -> Rounding:
    """The contract's rounding, with what it says of work at the client's place."""
    if place == "remote":
        return contract.rounding
    here = contract.on_site
    usual = contract.rounding
    return replace(
        usual,
        increment=usual.increment if here.increment is None else here.increment,
        minimum=usual.minimum if here.minimum is None else here.minimum,
        grace=usual.grace if here.grace is None else here.grace,
    )


def _key(contract: Contract, piece: Piece) -> tuple[Scoped, str, Place]:
    work = piece.entry.record
    match contract.rounding.scope:
        case "ticket" if work.ticket:
            return ("ticket", work.ticket.strip().casefold(), work.place)
        case "day":
            return ("day", piece.segment.day.isoformat(), work.place)
        case _:
            return ("entry", work.id, work.place)


def _rounded(contract: Contract, key: tuple[Scoped, str, Place], pieces: list[Piece]) -> Group:
    scope, name, place = key
    rounding = rounding_at(contract, place)
    billed = billed_time(sum((piece.segment.length for piece in pieces), NOTHING), rounding)
    said = pieces[0].entry.record.ticket or name if scope == "ticket" else name  # as it was first written
    return Group(contract=contract, scope=scope, key=said, rounding=rounding, pieces=_stretched(pieces, billed))


def _stretched(pieces: list[Piece], billed: timedelta) -> tuple[Piece, ...]:
    """What rounding adds lies behind the last minute of work, in its class; what grace forgives is cut off."""
    missing = billed - sum((piece.billed for piece in pieces), NOTHING)
    stretched = list(pieces)
    for number in sorted(
        range(len(pieces)), key=lambda at: (pieces[at].segment.ended_at, pieces[at].order), reverse=True
    ):
        change = max(missing, -pieces[number].billed)
        stretched[number] = replace(pieces[number], billed=pieces[number].billed + change)
        missing -= change
    return tuple(stretched)
