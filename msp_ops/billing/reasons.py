"""Why a charge is what it is, in words that can be followed by hand."""

from msp_ops.billing.groups import Group
from msp_ops.billing.parts import BLOCK_OVERAGE, COVERED, DRAWN, HOURLY, Part
from msp_ops.billing.rates import multiplier_of
from msp_ops.billing.words import class_words, number_words, rounding_words, time_words
from msp_ops.domain.contract import BlockHours, Managed
from msp_ops.domain.ledger import Decision

ESTIMATED = "estimated"
NOT_SUCCEEDED = "no charge: the work did not reach its aim"


def reason_of(group: Group, part: Part, currency: str) -> str:
    """Of what a contract priced."""
    work, decision = part.piece.entry.record, part.piece.entry.decision
    decided = f"{decided_words(decision)}: " if decision else ""
    doubt = "; the time is estimated, a person should check it" if ESTIMATED in work.flags else ""
    return f"{decided}{_rule_words(group, part, currency)}{doubt}"


def decided_words(decision: Decision) -> str:
    """`kim decided (our mistake)`."""
    return f"{decision.by} decided ({decision.reason})"


def _rule_words(group: Group, part: Part, currency: str) -> str:
    contract, how = group.contract, steps_words(group, part)
    rate = part.rate.words(currency) if part.rate else ""
    match part.rule:
        case _ if part.rule == COVERED:
            return _covered_words(group, part)
        case _ if part.rule == HOURLY:
            return f"break/fix at {rate}: {how}"
        case _ if part.rule == DRAWN and isinstance(contract, BlockHours):
            return f"{_drawn_words(group, part)} drawn from the block '{contract.id}' of {_hours(contract)}: {how}"
        case _ if part.rule == BLOCK_OVERAGE:
            return f"the block '{contract.id}' is used up, {rate}: {how}"
        case _ if part.rate is None:
            return f"{_beyond(group, part)}, for which it names no rate: a person must decide what it costs"
        case _:
            return f"{_beyond(group, part)}, {rate}: {how}"


def _covered_words(group: Group, part: Part) -> str:
    plan, work = group.contract, part.piece.entry.record
    if isinstance(plan, Managed) and plan.included_hours is not None:
        included = f"{number_words(plan.included_hours)} h that the plan '{plan.id}' includes each month"
        return f"{time_words(part.drawn)} of the {included}: {steps_words(group, part)}"
    return f"{work.activity} is in the plan '{plan.id}'"


def _drawn_words(group: Group, part: Part) -> str:
    hour_class = part.piece.segment.hour_class
    multiplier = multiplier_of(group.contract, hour_class)
    if multiplier == 1:
        return time_words(part.drawn)
    by = f"{number_words(multiplier)} {class_words(hour_class)}"
    return f"{time_words(part.drawn)} ({time_words(part.counted)} x {by})"


def _hours(block: BlockHours) -> str:
    return f"{number_words(block.hours)} h" + (" a month" if block.per == "month" else "")


def _beyond(group: Group, part: Part) -> str:
    plan, hour_class = group.contract, part.piece.segment.hour_class
    if isinstance(plan, Managed) and plan.covered_hours and hour_class not in plan.covered_hours:
        return f"the plan '{plan.id}' does not cover work {class_words(hour_class)}"
    return f"the hours that the plan '{plan.id}' includes are used up"


def steps_words(group: Group, part: Part) -> str:
    """`35 min measured, 1 h billed (30-minute steps)`; with what it was added up with, if there was more."""
    scope = "" if group.scope == "entry" else f" by {group.scope}"
    here = f"{time_words(part.measured)} measured, {time_words(part.counted)} billed"
    how = f"({rounding_words(group.rounding)}{scope})"
    if (part.measured, part.counted) == (group.measured, group.billed):
        return f"{here} {how}"
    where = {"entry": "in all", "ticket": f"on ticket {group.key}", "day": f"on {group.key}"}[group.scope]
    return f"{here}, of {time_words(group.measured)} measured and {time_words(group.billed)} billed {where} {how}"
