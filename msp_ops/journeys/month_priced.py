"""A client's month as it would be closed now: its records, how their runs ended, persons' words. Nothing is written."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from msp_ops.billing.entry import Entry
from msp_ops.billing.lines import lines_of
from msp_ops.billing.month import PricedMonth, price_month
from msp_ops.calendar.months import first_day, month_span, next_month
from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.ledger import Decision, OpenMonth, Question, Statement
from msp_ops.domain.record import record
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.time_spent import reached_its_aim

# How far before a month a record of the same person may begin and still reach into it.
LONGEST = timedelta(days=7)


@record
class Difference:
    """What was said of a record when its work ended, and what the month makes of it."""

    record_id: str
    said: Decimal
    now: Decimal


@record
class OpenLook:
    """`statement` is what a close would freeze, priced from `opened`; `differences` to what was said before."""

    client: Client
    month: date
    since: datetime
    priced: PricedMonth
    opened: OpenMonth
    statement: Statement
    differences: tuple[Difference, ...]


def look_at_month(parts: Parts, client_id: str, month: date) -> OpenLook:
    """An open month, priced as a whole; the open months before it are priced on the way, for what they leave.

    NotPermitted when a later month is closed already: its time is over.
    """
    client, month = parts.workspace.client(client_id), first_day(month)
    since, until = month_span(client.timezone, month)
    opened = parts.store.ledger.open_month(client.id, until)
    earlier = _closed_charges(parts, client, month)
    closes = _closes(parts)
    entries = list(_entries(parts, opened, closes))
    elsewhere = [*entries, *_elsewhere(parts, opened, since, until, closes)]
    by_month = _by_month(client, opened, earlier, month)

    def price(one: date) -> PricedMonth:
        return price_month(
            client, one, [each for each in entries if each.record.id in by_month[one]], elsewhere, earlier
        )

    for before in [one for one in by_month if one < month]:
        earlier[before] = price(before).charges
    priced = price(month)
    return OpenLook(
        client=client,
        month=month,
        since=since,
        priced=priced,
        opened=opened,
        statement=_statement(client, priced, opened, tuple(_still_open(parts, client, until))),
        differences=tuple(_differences(parts, client.id, since, priced)),
    )


def _closed_charges(parts: Parts, client: Client, month: date) -> dict[date, Sequence[Charge]]:
    closed = parts.store.ledger.statements(client.id)
    if closed and closed[-1].month >= month:
        raise NotPermitted(
            f"{month:%Y-%m} of {client.id} cannot be priced any more: {closed[-1].month:%Y-%m} is closed, and months "
            "close in their order; a record that comes late belongs to the next month that closes"
        )
    return {each.month: each.charges for each in closed}


def _by_month(client: Client, opened: OpenMonth, closed: Iterable[date], month: date) -> dict[date, set[str]]:
    """Record ids by the month that they belong to, in the order of the months; the late go to the first open one."""
    last = max(closed, default=None)
    found: dict[date, set[str]] = {month: set()}
    for work in opened.records:
        began_at = work.began_at
        own = month if began_at is None else first_day(began_at.astimezone(zone(client.timezone)).date())
        found.setdefault(own if last is None else max(own, next_month(last)), set()).add(work.id)
    return dict(sorted(found.items()))


def _closes(parts: Parts) -> list[datetime]:
    """When months of whichever client were closed, in order."""
    return sorted(
        month.closed_at for name in parts.workspace.clients for month in parts.store.ledger.closed_months(name)
    )


def _entries(parts: Parts, opened: OpenMonth, closes: Sequence[datetime]) -> Iterator[Entry]:
    """What is known of each record beside its time."""
    for work in opened.records:
        decision = opened.decisions.get(work.id)
        yield Entry(
            record=work,
            succeeded=_reached_its_aim(parts, work),
            decision=decision,
            role=parts.workspace.msp.role_of(work.person),
            closes_before=bisect_left(closes, _known_at(work, decision)),
        )


def _known_at(work: WorkRecord, decision: Decision | None) -> datetime:
    """When it stood in the books as it does now."""
    ended = [interval.ended_at for interval in (work.machine, work.attended) if interval is not None]
    said = [] if decision is None else [decision.at]
    noted = [] if work.noted_at is None else [work.noted_at]
    return max((*ended, *said, *noted), default=datetime.min.replace(tzinfo=UTC))


def _elsewhere(
    parts: Parts, opened: OpenMonth, since: datetime, until: datetime, closes: Sequence[datetime]
) -> Iterator[Entry]:
    """Other records of the same persons that may share a minute with these: of other clients, and of closed months."""
    persons = {work.person for work in opened.records if work.person}
    mine = {work.id for work in opened.records}
    for client in parts.workspace.clients.values() if persons else ():
        others = parts.store.ledger.open_month(client.id, until)
        near = [work for work, _ in parts.store.work.list(client.id, since - LONGEST, until)]
        theirs = tuple(work for work in near if work.person in persons and work.id not in mine)
        yield from _entries(parts, replace(others, records=theirs), closes)


def _reached_its_aim(parts: Parts, work: WorkRecord) -> bool | None:
    """A person's own time always has; None while the end of a run is not known."""
    return True if work.run_id is None else reached_its_aim(parts.store.runs.read(work.run_id, "ends"))


def _statement(client: Client, priced: PricedMonth, opened: OpenMonth, more: Iterable[Question]) -> Statement:
    lines = tuple(lines_of(priced, opened))
    return Statement(
        client_id=client.id,
        month=priced.month,
        currency=client.currency,
        lines=lines,
        total=sum((line.charge.amount for line in lines), Decimal(0)),
        questions=(*priced.questions, *more),
    )


def _still_open(parts: Parts, client: Client, until: datetime) -> Iterator[Question]:
    """What has begun in the month and has no record yet."""
    for run in parts.store.runs.list(client.id, until=until, open_only=True, limit=None):
        yield Question(
            kind="open", subject=run.id, says="the run has no end yet", do=f"wait for it, or: msp-ops recover {run.id}"
        )
    for timer in parts.store.timers.list(until):
        if timer.client_id == client.id and timer.started_at < until and timer.ended_at is None:
            says = f"a timer of {timer.person} runs since {timer.started_at:%Y-%m-%d %H:%M}Z"
            yield Question(kind="open", subject=timer.id, says=says, do=f"{timer.person} stops it: msp-ops time stop")


def _differences(parts: Parts, client_id: str, since: datetime, priced: PricedMonth) -> Iterator[Difference]:
    said = {work.id: charges for work, charges in parts.store.work.list(client_id, since - LONGEST)}
    for each in priced.judged:
        before = sum((charge.amount for charge in said.get(each.entry.record.id, ())), Decimal(0))
        now = sum((charge.amount for charge in priced.charges_of(each.entry.record.id)), Decimal(0))
        if before != now:
            yield Difference(record_id=each.entry.record.id, said=before, now=now)
