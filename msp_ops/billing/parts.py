"""What a contract makes of billed time: covered, drawn from hours that were agreed before, or paid by the hour."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import assert_never

from msp_ops.billing.groups import Group, Piece
from msp_ops.billing.rates import Rate, multiplier_of, rate_of
from msp_ops.billing.rounding import NOTHING
from msp_ops.domain.contract import BlockHours, BreakFix, Contract, Managed
from msp_ops.domain.record import record

_SECOND, _MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
COVERED = "managed.covered"
MANAGED_OVERAGE = "managed.overage"
DRAWN = "block.drawn"
BLOCK_OVERAGE = "block.overage"
HOURLY = "break-fix.hourly"


@record
class Part:
    """A piece, or what of it one rule prices. `rate` None: it costs no money. `counted`: of the rounded time."""

    piece: Piece
    rule: str
    measured: timedelta
    counted: timedelta
    drawn: timedelta = NOTHING
    rate: Rate | None = None


@record
class Priced:
    """A group with its parts in order; `left` of what was agreed before, behind it (None: there is no such limit)."""

    group: Group
    parts: tuple[Part, ...]
    left: timedelta | None


def rule_of(contract: Contract) -> str:
    """The rule that prices work first, before any overage."""
    match contract:
        case Managed():
            return COVERED
        case BlockHours():
            return DRAWN
        case BreakFix():
            return HOURLY
        case _:
            assert_never(contract)


def price_groups(contract: Contract, groups: Iterable[Group], left: timedelta | None) -> Iterator[Priced]:
    """In the order of the groups. `left`: what the block still holds, or what the plan includes this month."""
    for group in groups:
        parts: list[Part] = []
        for piece in group.pieces:
            found = _parts(contract, piece, left)
            left = None if left is None else left - sum((part.drawn for part in found), NOTHING)
            parts += found
        yield Priced(group=group, parts=tuple(parts), left=left)


def _parts(contract: Contract, piece: Piece, left: timedelta | None) -> list[Part]:
    match contract:
        case BreakFix():
            return [_paid(contract, piece, HOURLY, NOTHING)]
        case BlockHours():
            weight = multiplier_of(contract, piece.segment.hour_class)
            return _drawn_first(contract, piece, left or NOTHING, weight, (DRAWN, BLOCK_OVERAGE))
        case Managed() if contract.covered_hours and piece.segment.hour_class not in contract.covered_hours:
            return [_paid(contract, piece, MANAGED_OVERAGE, NOTHING)]
        case Managed() if left is not None:
            return _drawn_first(contract, piece, left, Decimal(1), (COVERED, MANAGED_OVERAGE))
        case Managed():
            return [Part(piece=piece, rule=COVERED, measured=piece.segment.length, counted=piece.billed)]
        case _:
            assert_never(contract)


def _drawn_first(
    contract: Contract, piece: Piece, left: timedelta, weight: Decimal, rules: tuple[str, str]
) -> list[Part]:
    """What is left comes first, in whole seconds of work; an hour draws `weight` hours. The rest is paid."""
    fits = piece.billed if not weight else min(piece.billed, _fitting(left, weight))
    drawn = int(fits // _SECOND * weight * 1_000_000) * _MICROSECOND
    measured = min(piece.segment.length, fits)
    inside = Part(piece=piece, rule=rules[0], measured=measured, counted=fits, drawn=drawn)
    if fits == piece.billed:
        return [replace(inside, measured=piece.segment.length)]
    return [*([inside] if fits else []), _paid(contract, piece, rules[1], fits)]


def _fitting(left: timedelta, weight: Decimal) -> timedelta:
    """The whole seconds of work that so much is enough for."""
    return int(Decimal(max(left, NOTHING) // _MICROSECOND) / weight) // 1_000_000 * _SECOND


def _paid(contract: Contract, piece: Piece, rule: str, before: timedelta) -> Part:
    """What of the piece lies behind `before`, by the hour."""
    work = piece.entry.record
    return Part(
        piece=piece,
        rule=rule,
        measured=max(piece.segment.length - before, NOTHING),
        counted=piece.billed - before,
        rate=rate_of(contract, piece.segment.hour_class, work.place, piece.entry.role),
    )
