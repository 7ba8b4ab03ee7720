"""The statement of one month: every line that costs, by its ticket, and what a fixed fee covered; one sum."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msp_ops.billing.balances import Balance
from msp_ops.billing.fees import BOUGHT, FEE
from msp_ops.billing.lines import CORRECTED
from msp_ops.billing.unpriced import VOID
from msp_ops.domain.canonical import digest
from msp_ops.domain.client import Client
from msp_ops.domain.ledger import Line, Question, Statement
from msp_ops.domain.msp import Msp
from msp_ops.domain.record import record
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.reports.content import Decision, Letterhead, Proof
from msp_ops.reports.letter import letterhead, local_day
from msp_ops.reports.money import CARE, COVERED, amount_of, billed_of, measured_of
from msp_ops.reports.sections import ChargeLine
from msp_ops.reports.words import capital, clip, count, full_day, money, month_name, short_day, span

FEE_RULES = (FEE, BOUGHT)


@record
class Done:
    """A work record, and what was done in words."""

    record: WorkRecord
    title: str


@record
class Block:
    """What a block of hours held, and what is left of it."""

    name: str
    carried: str
    bought: str
    drawn: str
    expired: str
    left: str


@record
class Part:
    """Lines of one kind with their sums; a fee takes no time (`is_work`)."""

    title: str
    says: str
    lines: tuple[ChargeLine, ...]
    measured: str
    billed: str
    total: str
    is_work: bool


@record
class StatementPage:
    """The total is the exact sum of the parts, a part's that of its lines."""

    letterhead: Letterhead
    verdict: str
    lede: str
    open_points: tuple[Decision, ...]
    parts: tuple[Part, ...]
    blocks: tuple[Block, ...]
    tax: str
    total: str
    proof: Proof


def statement_page(
    msp: Msp,
    client: Client,
    statement: Statement,
    done: Mapping[str, Done],
    balances: Iterable[Balance],
    prepared_at: datetime,
) -> StatementPage:
    """`done` by the id of its record; `balances` of the blocks of hours at the month's end."""
    period, total = month_name(statement.month), money(statement.total, statement.currency)
    return StatementPage(
        letterhead=letterhead(msp, client, "Statement", period, statement.closed_at or prepared_at),
        verdict=f"{total} for {period}",
        lede=_lede(client, statement),
        open_points=tuple(_open_point(question) for question in statement.questions),
        parts=tuple(_parts(client, statement, done)),
        blocks=tuple(_block(balance) for balance in balances),
        tax=", ".join(dict.fromkeys(line.charge.tax for line in statement.lines if line.charge.tax)),
        total=total,
        proof=_proof(client, statement, done),
    )


def _lede(client: Client, statement: Statement) -> str:
    lines = count(len(statement.lines), "line")
    if statement.closed_at is None:
        return f"A draft of {lines}: the month is not closed, and what is said here may still change."
    closed_on = full_day(local_day(client, statement.closed_at))
    return f"{capital(lines)}, closed on {closed_on}; nothing of it changes any more."


def _open_point(question: Question) -> Decision:
    return Decision(title=f"{question.subject}: {clip(question.says)}", words=clip(question.do))


def _parts(client: Client, statement: Statement, done: Mapping[str, Done]) -> Iterable[Part]:
    shown = [line for line in statement.lines if line.charge.rule != VOID]
    fees = [line for line in shown if line.charge.rule in FEE_RULES]
    back = [line for line in shown if line.charge.rule.startswith(CORRECTED)]
    work = [line for line in shown if line not in fees and line not in back]
    covered = [line for line in work if line.charge.rule == "managed.covered"]
    paid = [line for line in work if line not in covered]
    if fees:
        yield _part("Agreed fees", "What you pay whatever happens.", [_fee(line) for line in fees], fees)
    if covered:
        yield _part("Planned care", COVERED, _care(covered, done), covered)
    if paid:
        says = "Each line says how its price came about."
        yield _part("Work", says, [_work(client, line, done) for line in paid], paid)
    if back:
        says = "Lines of closed months that were wrong: taken back here, for a closed month never changes."
        yield _part("Corrections", says, [_work(client, line, done) for line in back], back)


def _part(title: str, says: str, rows: Sequence[ChargeLine], lines: Sequence[Line]) -> Part:
    charges = [line.charge for line in lines]
    return Part(
        title=title,
        says=says,
        lines=tuple(rows),
        measured=span(measured_of(charges)),
        billed=span(billed_of(charges)),
        total=money(amount_of(charges), charges[0].currency),
        is_work=not all(charge.rule in FEE_RULES for charge in charges),
    )


def _block(balance: Balance) -> Block:
    return Block(
        name=clip(balance.contract_id),
        carried=span(balance.carried),
        bought=span(balance.bought),
        drawn=span(balance.drawn),
        expired=span(balance.expired),
        left=span(balance.left),
    )


def _fee(line: Line) -> ChargeLine:
    return _row("", line.charge.contract_id or "", [line.charge])


def _care(lines: Sequence[Line], done: Mapping[str, Done]) -> list[ChargeLine]:
    """One row an activity: what a fee covers needs no line each."""
    rows = []
    for activity, what in CARE.items():
        charges = [line.charge for line in lines if done[line.charge.record_id or ""].record.activity == activity]
        if charges:
            times = len({charge.record_id for charge in charges})
            rows.append(_row(count(times, "time"), what, charges, COVERED))
    return rows


def _work(client: Client, line: Line, done: Mapping[str, Done]) -> ChargeLine:
    one = done[line.charge.record_id or ""]
    what = f"{one.record.ticket}: {one.title}" if one.record.ticket else one.title
    return _row(_when(client, line, one.record), what, [line.charge])


def _when(client: Client, line: Line, work: WorkRecord) -> str:
    interval = work.attended or work.machine
    moment = line.charge.started_at or (interval.started_at if interval else work.noted_at)
    return short_day(moment.astimezone(ZoneInfo(client.timezone))) if moment else ""


def _row(when: str, what: str, charges: Sequence[Charge], reason: str = "") -> ChargeLine:
    return ChargeLine(
        when=when,
        what=clip(what),
        reason=reason or capital(clip(charges[0].reason, 400)),
        measured=span(measured_of(charges)),
        billed=span(billed_of(charges)),
        amount=money(amount_of(charges), charges[0].currency),
    )


def _proof(client: Client, statement: Statement, done: Mapping[str, Done]) -> Proof:
    runs = tuple(dict.fromkeys(work.run_id for work in (one.record for one in done.values()) if work.run_id))
    return Proof(
        says=f"Every line comes from a work record and a contract; the lines add up to the sum. "
        f"Days are those of {client.timezone}.",
        runs=tuple(clip(run, 60) for run in runs),
        digest=digest([[line.id, line.charge] for line in statement.lines])[:16],
    )
