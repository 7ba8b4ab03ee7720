"""How a price came about, step by step: which contracts were tried, whose minutes, which hours, rounded to what."""

from collections.abc import Iterator, Sequence

from msp_ops.billing.contracts import Undecided, Waived, tried
from msp_ops.billing.entry import span_of
from msp_ops.billing.groups import Group, pieces_of
from msp_ops.billing.month import Judged, PricedMonth
from msp_ops.billing.parts import Part, Priced
from msp_ops.billing.reasons import decided_words
from msp_ops.billing.words import class_words, money_words, rounding_words, time_words
from msp_ops.calendar.hour_classes import Segment
from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.ledger import Question
from msp_ops.domain.record import record
from msp_ops.domain.work import Charge, Span, WorkRecord


@record
class Verdict:
    """A contract of the file held against the record: whether it prices it, and why."""

    contract_id: str
    prices: bool
    why: str


@record
class Explanation:
    """A record's price; `steps` in the order in which they are taken."""

    record: WorkRecord
    tried: tuple[Verdict, ...]
    steps: tuple[str, ...]
    charges: tuple[Charge, ...]
    questions: tuple[Question, ...]


def explain(client: Client, priced: PricedMonth, record_id: str) -> Explanation:
    """KeyError when the record is none of that month."""
    judged = {each.entry.record.id: each for each in priced.judged}[record_id]
    groups = [each for each in priced.groups if _mine(each.parts, record_id)]
    steps = [_work(judged, client), *_held(judged, client), *_hours(judged, client)]
    for group in groups:
        steps += [_rounded(group.group, record_id), *_prices(group, record_id, client)]
    subjects = {record_id, judged.entry.record.run_id}
    return Explanation(
        record=judged.entry.record,
        tried=tuple(_verdicts(judged, client)),
        steps=tuple(steps),
        charges=priced.charges_of(record_id),
        questions=tuple(each for each in priced.questions if each.subject in subjects),
    )


def _mine(parts: Sequence[Part], record_id: str) -> list[Part]:
    return [part for part in parts if part.piece.entry.record.id == record_id]


def _verdicts(judged: Judged, client: Client) -> Iterator[Verdict]:
    """In the order of the file, until one prices it; a person's word comes before all of them."""
    decision, choice = judged.entry.decision, judged.choice
    if decision is not None:
        named = decision.contract_id or "none"
        yield Verdict(contract_id=named, prices=judged.contract is not None, why=decided_words(decision))
        return
    for each in tried(judged.entry.record, client):
        chosen = not isinstance(choice, Undecided | Waived) and choice.id == each.contract.id
        yield Verdict(contract_id=each.contract.id, prices=chosen and judged.contract is not None, why=each.why)
        if chosen or each.fits is None:
            return


def _work(judged: Judged, client: Client) -> str:
    work, span = judged.entry.record, span_of(judged.entry.record)
    role = f" ({judged.entry.role})" if judged.entry.role else ""
    who = "by itself" if work.attended is None else f"by {work.person}{role}"
    hosts = f" on {', '.join(work.host_ids)}" if work.host_ids else ""
    ticket = f", ticket {work.ticket}" if work.ticket else ""
    what = f"{work.activity}{hosts}, {who}, {work.place}{ticket}"
    if span is None:
        return f"{what}: no time was measured"
    when = f"{_when(span, client)} in {client.timezone}"
    return f"{what}: {when}, {time_words(span.length)} measured"


def _held(judged: Judged, client: Client) -> Iterator[str]:
    for each in judged.counted.held:
        yield f"{_when(each.span, client)} counts in {each.by.id} already, so it does not count here"


def _hours(judged: Judged, client: Client) -> Iterator[str]:
    if judged.contract is None:
        return
    for piece in pieces_of(judged.entry, judged.counted.own, client):
        part = piece.segment
        when = _when(part, client)
        yield f"{when}: {time_words(part.length)} {class_words(part.hour_class)}"


def _rounded(group: Group, record_id: str) -> str:
    others = sorted({piece.entry.record.id for piece in group.pieces} - {record_id})
    together = {"entry": "the record", "ticket": f"ticket {group.key}", "day": f"all of {group.key}"}[group.scope]
    beside = f", with {', '.join(others)}" if others else ""
    how = rounding_words(group.rounding)
    return f"{together}{beside}: {time_words(group.measured)} in all, {time_words(group.billed)} rounded once ({how})"


def _prices(priced: Priced, record_id: str, client: Client) -> Iterator[str]:
    currency = client.currency
    for part in _mine(priced.parts, record_id):
        counted = f"{time_words(part.counted)} {class_words(part.piece.segment.hour_class)}"
        if part.rate is not None:
            exact = part.rate.hourly * (part.counted.days * 86400 + part.counted.seconds) / 3600
            yield f"{counted} x {part.rate.words(currency)}: {money_words(exact, currency)} ({part.rule})"
        elif part.drawn:
            weight = part.drawn / part.counted
            by = "" if weight == 1 else f" x {weight:g}"
            yield f"{counted}{by}: {time_words(part.drawn)} drawn, no money ({part.rule})"
        else:
            yield f"{counted}: no money ({part.rule})"
    if priced.left is not None:
        yield f"behind this {time_words(priced.left)} are left of '{priced.group.contract.id}'"


def _when(span: Span | Segment, client: Client) -> str:
    """`2026-11-03 16:45:00 to 18:20:00`, by the client's wall."""
    begin, end = (at.astimezone(zone(client.timezone)) for at in (span.started_at, span.ended_at))
    return f"{begin:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S}" + (
        "" if begin.date() == end.date() else f" on {end:%Y-%m-%d}"
    )
