"""Section: the charges. Amounts are summed as they are; nothing is rounded here."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from msp_ops.billing.charges import UNDECIDED
from msp_ops.domain.client import Client
from msp_ops.domain.contract import MAINTENANCE, Activity, Managed
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.reports.sections import Bar, ChargeLine, Charges
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
    client: Client, work: Work, titles: dict[str, str], fee: Decimal = Decimal(0), hourly: Decimal | None = None
) -> Charges:
    """`titles` by run id; `hourly`: what the covered work would have cost by the hour.

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
        comparison=_comparison(client, fee, hourly) if fee and hourly is not None else "",
        bars=_bars(client, fee, hourly) if fee and hourly is not None else (),
    )


def _one_currency(client: Client, work: Work) -> None:
    for record, charges in work:
        for charge in charges:
            if charge.currency != client.currency:
                raise ValueError(
                    f"{client.id}: work record {record.id} is charged in {charge.currency}, the client pays in "
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


def _comparison(client: Client, paid: Decimal, hourly: Decimal) -> str:
    sentence = f"By the hour, the work that your plan covers would have cost {money(hourly, client.currency)}"
    if hourly > paid:
        return f"{sentence}: your plan cost {money(hourly - paid, client.currency)} less."
    return f"{sentence}; your plan cost {money(paid, client.currency)}."


def _bars(client: Client, paid: Decimal, hourly: Decimal) -> tuple[Bar, ...]:
    longest = max(paid, hourly, Decimal(1))
    return (
        Bar(
            label="Your plan",
            words=money(paid, client.currency),
            permille=int(paid * 1000 / longest),
            mark="plan",
        ),
        Bar(
            label="The same work by the hour",
            words=money(hourly, client.currency),
            permille=int(hourly * 1000 / longest),
            mark="hourly",
        ),
    )
