"""Parts of a group become charges: the group's price is rounded once, and its charges share it to the last cent."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from msp_ops.billing.groups import Group
from msp_ops.billing.money import in_minor_units, running_costs
from msp_ops.billing.parts import COVERED, MANAGED_OVERAGE, Part, Priced
from msp_ops.billing.rates import multiplier_of
from msp_ops.billing.reasons import reason_of
from msp_ops.billing.rounding import NOTHING
from msp_ops.domain.client import Client
from msp_ops.domain.work import Charge

UNDECIDED = "none.undecided"
FREE = Decimal(0)


def charges_of(priced: Priced, client: Client, terms: str) -> list[Charge]:
    """One for each rule and class of hours of a record; their amounts add up to the group's price exactly."""
    parts = _joined(priced.parts)
    costs = [(part.counted, FREE if part.rate is None else part.rate.hourly) for part in parts]
    sums = [FREE, *running_costs(costs, client.currency)]
    return [
        _charge(priced.group, part, client, terms, after - before)
        for part, (before, after) in zip(parts, pairwise(sums), strict=True)
    ]


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Parts of one record under one rule and in one class are one: it may lie in business hours on two days."""
    joined: dict[tuple[object, ...], Part] = {}
    for part in parts:
        same = (part.piece.entry.record.id, part.rule, part.piece.segment.hour_class, part.rate)
        joined[same] = _sum(joined[same], part) if same in joined else part
    return list(joined.values())


def _sum(one: Part, other: Part) -> Part:
    return replace(
        one, measured=one.measured + other.measured, counted=one.counted + other.counted, drawn=one.drawn + other.drawn
    )


def _charge(group: Group, part: Part, client: Client, terms: str, amount: Decimal) -> Charge:
    rate, segment = part.rate, part.piece.segment
    no_rate = part.rule == MANAGED_OVERAGE and rate is None
    return Charge(
        record_id=part.piece.entry.record.id,
        contract_id=group.contract.id,
        rule=UNDECIDED if no_rate else part.rule,
        reason=reason_of(group, part, client.currency),
        measured=part.measured,
        billed=NOTHING if no_rate or part.rule == COVERED else part.counted,
        rate=FREE if rate is None else rate.hourly,
        amount=in_minor_units(amount, client.currency),
        currency=client.currency,
        terms=terms,
        hour_class=segment.hour_class,
        multiplier=Decimal(1) if part.rule == COVERED else multiplier_of(group.contract, segment.hour_class),
        role=part.piece.entry.role,
        drawn=part.drawn,
        tax=group.contract.tax,
        started_at=segment.started_at,
    )
