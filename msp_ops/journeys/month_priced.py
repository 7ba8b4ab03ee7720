"""A client's month as it would be closed now: its records, how their runs ended, persons' words. Nothing is written."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from msp_ops.billing.balances import Earlier
from msp_ops.billing.lines import lines_of
from msp_ops.billing.month import PricedMonth, price_month
from msp_ops.calendar.months import first_day, month_span, next_month
from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.contract import BlockHours
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.ledger import OpenMonth, Question, Statement
from msp_ops.domain.record import record
from msp_ops.domain.work import Charge
from msp_ops.journeys.month_entries import gather
from msp_ops.journeys.parts import Parts


@record
class Difference:
    """What was said of a record when its work ended, and what the month makes of it."""

    record_id: str
    said: Decimal
    now: Decimal


@record
class OpenLook:
    """`statement`: what a close would freeze, priced from `opened` and from what the months before left (`earlier`)."""

    client: Client
    month: date
    since: datetime
    priced: PricedMonth
    opened: OpenMonth
    earlier: Earlier
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
    gathered = gather(parts, client.id, opened.records, until)
    by_month = _by_month(client, opened, earlier, month)

    def price(one: date) -> PricedMonth:
        of_month = [each for each in gathered.entries if each.record.id in by_month[one]]
        return price_month(client, one, of_month, [*gathered.entries, *gathered.elsewhere], earlier)

    for before in [one for one in by_month if one < month]:
        earlier[before] = price(before).charges
    priced = price(month)
    return OpenLook(
        client=client,
        month=month,
        since=since,
        priced=priced,
        opened=opened,
        earlier=earlier,
        statement=_statement(client, priced, opened, tuple(_still_open(parts, client, until))),
        differences=tuple(_differences(parts, client.id, priced)),
    )


def _closed_charges(parts: Parts, client: Client, month: date) -> dict[date, Sequence[Charge]]:
    """By closed month; only blocks of hours need to know what was drawn, so without one the charges stay unread."""
    closed = [each.month for each in parts.store.ledger.closed_months(client.id)]
    if closed and closed[-1] >= month:
        raise NotPermitted(
            f"{month:%Y-%m} of {client.id} cannot be priced any more: {closed[-1]:%Y-%m} is closed, and months "
            "close in their order; a record that comes late belongs to the next month that closes"
        )
    if not any(isinstance(contract, BlockHours) for contract in client.contracts):
        return dict.fromkeys(closed, ())
    return {each.month: each.charges for each in parts.store.ledger.statements(client.id)}


def _by_month(client: Client, opened: OpenMonth, closed: Iterable[date], month: date) -> dict[date, set[str]]:
    """Record ids by the month that they belong to, in the order of the months; the late go to the first open one."""
    last = max(closed, default=None)
    found: dict[date, set[str]] = {month: set()}
    for work in opened.records:
        began_at = work.began_at
        own = month if began_at is None else first_day(began_at.astimezone(zone(client.timezone)).date())
        found.setdefault(own if last is None else max(own, next_month(last)), set()).add(work.id)
    return dict(sorted(found.items()))


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


def _differences(parts: Parts, client_id: str, priced: PricedMonth) -> Iterator[Difference]:
    now: dict[str | None, Decimal] = {}
    for charge in priced.charges:
        now[charge.record_id] = now.get(charge.record_id, Decimal(0)) + charge.amount
    began = [each.entry.record.began_at for each in priced.judged]
    since = min((at for at in began if at is not None), default=None)
    said = {
        work.id: sum((each.amount for each in charges), Decimal(0))
        for work, charges in parts.store.work.list(client_id, since)
    }
    for each in priced.judged:
        name = each.entry.record.id
        before, after = said.get(name, Decimal(0)), now.get(name, Decimal(0))
        if before != after:
            yield Difference(record_id=name, said=before, now=after)
