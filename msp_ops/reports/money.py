"""Section: the charges. Amounts are summed as they are; nothing is rounded here."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from msp_ops.billing.charges import UNDECIDED
from msp_ops.billing.comparisons import Comparison
from msp_ops.billing.proposals import Proposal
from msp_ops.domain.client import Client
from msp_ops.domain.contract import MAINTENANCE, Activity, Managed
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.reports.sections import Bar, ChargeLine, Charges, Compared
from msp_ops.reports.visits import Work
from msp_ops.reports.words import capital, clip, count, money, short_day, span, whole_seconds

CARE: dict[Activity, str] = {
    "patching": "Updates",
    "backup": "Backup checks",
    "health": "Health checks",
    "break/fix": "Help with problems",
}


def care_of(runbook: Runbook | None, runbook_id: str) -> str:
    """The client's word for a kind of maintenance; the title of any other runbook."""
    if runbook is None:
        return runbook_id.replace("-", " ")
    return CARE[runbook.activity] if runbook.activity in MAINTENANCE else runbook.title


COVERED = "Planned care: covered by your plan."


@record
class Otherwise:
    """What the month would have cost under the other business model, where that is known, and what comes back."""

    by_the_hour: Comparison | None = None
    with_a_plan: Comparison | None = None
    proposals: tuple[Proposal, ...] = ()


def amount_of(charges: Iterable[Charge]) -> Decimal:
    return sum((charge.amount for charge in charges), Decimal(0))


def measured_of(charges: Iterable[Charge]) -> timedelta:
    """The sum of the times as they are printed."""
    return sum((whole_seconds(charge.measured) for charge in charges), timedelta(0))


def billed_of(charges: Iterable[Charge]) -> timedelta:
    return sum((whole_seconds(charge.billed) for charge in charges), timedelta(0))


def in_plan(client: Client, charges: Sequence[Charge]) -> bool:
    """Whether a fixed fee covers all of it."""
    managed = {contract.id for contract in client.contracts if isinstance(contract, Managed)}
    return bool(charges) and all(charge.contract_id in managed and not charge.amount for charge in charges)


def price(client: Client, charges: Sequence[Charge]) -> str:
    """The amount; or in words why there is none yet."""
    if in_plan(client, charges):
        return "in your plan"
    if not charges:
        return "not yet"
    if all(charge.rule == UNDECIDED for charge in charges):
        return "not decided"
    return money(amount_of(charges), client.currency)


def monthly_fee(client: Client, first: date, last: date) -> Decimal:
    """The fixed fees in force in the month."""
    return sum(
        (
            contract.monthly_fee
            for contract in client.contracts
            if isinstance(contract, Managed)
            and contract.since <= last
            and (contract.until is None or contract.until >= first)
        ),
        Decimal(0),
    )


def summarise_charges(
    client: Client,
    work: Work,
    titles: dict[str, str],
    fee: Decimal = Decimal(0),
    otherwise: Otherwise = Otherwise(),  # noqa: B008  # a frozen record
) -> Charges:
    """`titles` by run id.

    ValueError when a charge is in another currency than the client's.
    """
    _one_currency(client, work)
    everything = [charge for _, charges in work for charge in charges]
    total = amount_of(everything)
    covered = [(record, charges) for record, charges in work if in_plan(client, charges)]
    others = [(record, charges) for record, charges in work if not in_plan(client, charges)]
    return Charges(
        says=_says(client, everything, fee),
        lines=(*_covered_lines(client, covered), *_other_lines(client, others, titles)),
        measured=span(measured_of(everything)),
        billed=span(billed_of(everything)),
        total=money(total, client.currency),
        comparison=_comparison(client, otherwise),
    )


def _one_currency(client: Client, work: Work) -> None:
    for done, charges in work:
        for charge in charges:
            if charge.currency != client.currency:
                raise ValueError(
                    f"{client.id}: work record {done.id} is charged in {charge.currency}, the client pays in "
                    f"{client.currency}: amounts of two currencies have no sum; correct the charge"
                )


def _covered_lines(client: Client, covered: Work) -> tuple[ChargeLine, ...]:
    lines = []
    for activity, what in CARE.items():
        of_kind = [charges for record, charges in covered if record.activity == activity]
        if of_kind:
            together = [charge for charges in of_kind for charge in charges]
            lines.append(_line(client, count(len(of_kind), "run"), what, COVERED, together))
    return tuple(lines)


def _other_lines(client: Client, work: Work, titles: dict[str, str]) -> tuple[ChargeLine, ...]:
    return tuple(
        _line(
            client,
            _day(client, record),
            titles.get(record.run_id or "", record.note or CARE[record.activity]),
            capital(clip(charge.reason)),
            [charge],
        )
        for record, charges in work
        for charge in charges
    )


def _day(client: Client, record: WorkRecord) -> str:
    interval = record.attended or record.machine
    return short_day(interval.started_at.astimezone(ZoneInfo(client.timezone))) if interval else ""


def _line(client: Client, when: str, what: str, reason: str, charges: Sequence[Charge]) -> ChargeLine:
    return ChargeLine(
        when=when,
        what=what,
        reason=reason,
        measured=span(measured_of(charges)),
        billed=span(billed_of(charges)),
        amount=price(client, charges),
    )


def _says(client: Client, charges: Sequence[Charge], fee: Decimal) -> str:
    total = amount_of(charges)
    if not charges:
        first = "No time was spent, so nothing is charged."
    elif in_plan(client, charges):
        first = "All of this is planned care: covered by your plan."
    else:
        first = f"{money(total, client.currency)} before tax, as listed."
    return (
        f"{first} Your plan's fixed fee of {money(fee, client.currency)} a month is not part of the sum."
        if fee
        else first
    )


def _comparison(client: Client, otherwise: Otherwise) -> Compared | None:
    if otherwise.by_the_hour is not None:
        return _by_the_hour(client, otherwise.by_the_hour)
    if otherwise.with_a_plan is not None:
        return _with_a_plan(client, otherwise.with_a_plan)
    return None


def _by_the_hour(client: Client, hourly: Comparison) -> Compared:
    paid, amount = money(hourly.paid, client.currency), money(hourly.amount, client.currency)
    less = hourly.amount - hourly.paid
    end = f": your plan cost {money(less, client.currency)} less." if less > 0 else f"; your plan cost {paid}."
    return Compared(
        title="What planned care saves",
        says=f"By the hour, the work that your plan covers would have cost {amount}{end}",
        basis=capital(clip(hourly.basis, 400)),
        bars=_bars(("Your plan", paid, hourly.paid), ("The same work by the hour", amount, hourly.amount)),
    )


def _with_a_plan(client: Client, planned: Comparison) -> Compared:
    paid, amount = money(planned.paid, client.currency), money(planned.amount, client.currency)
    less = planned.paid - planned.amount
    end = f": {money(less, client.currency)} less." if less > 0 else "."
    return Compared(
        title="What a plan would have cost",
        says=f"You paid {paid} by the hour; with planned care, this month would have cost {amount}{end}",
        basis=capital(clip(planned.basis, 400)),
        bars=_bars(("With planned care", amount, planned.amount), ("What you paid", paid, planned.paid)),
    )


def _bars(plan: tuple[str, str, Decimal], hourly: tuple[str, str, Decimal]) -> tuple[Bar, ...]:
    longest = max(plan[2], hourly[2], Decimal(1))
    named: tuple[tuple[Literal["plan", "hourly"], tuple[str, str, Decimal]], ...] = (("plan", plan), ("hourly", hourly))
    return tuple(
        Bar(label=label, words=words, permille=max(0, int(amount * 1000 / longest)), mark=mark)
        for mark, (label, words, amount) in named
    )
