"""A month as it stands in the books: closed for ever, or as it would be closed now."""

from datetime import date

from msp_ops.billing.balances import Balance, balance, drawn_by, in_force_in
from msp_ops.calendar.months import first_day
from msp_ops.domain.contract import BlockHours
from msp_ops.domain.ledger import Statement
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.journeys.month_priced import look_at_month
from msp_ops.journeys.parts import Parts


def statement_of(parts: Parts, client_id: str, month: date) -> Statement:
    """The month as it was closed, or as it would be now; then `closed_at` is None."""
    closed = parts.store.ledger.statement(client_id, first_day(month))
    return closed or look_at_month(parts, client_id, month).statement


def work_of(parts: Parts, statement: Statement) -> list[tuple[WorkRecord, tuple[Charge, ...]]]:
    """The records of a statement with what they cost in it, in the order of their chain; fees belong to no record."""
    charges: dict[str, list[Charge]] = {}
    for line in statement.lines:
        if line.charge.record_id is not None:
            charges.setdefault(line.charge.record_id, []).append(line.charge)
    known = parts.store.work.list(statement.client_id)
    return [(work, tuple(charges[work.id])) for work, _ in known if work.id in charges]


def balances_of(parts: Parts, statement: Statement) -> list[Balance]:
    """What the client's blocks of hours hold at the end of the month, by its contracts as they are written today."""
    if statement.closed_at is None:
        return list(look_at_month(parts, statement.client_id, statement.month).priced.balances)
    closed = {each.month: each for each in parts.store.ledger.statements(statement.client_id)}
    earlier = {month: each.charges for month, each in closed.items() if month < statement.month}
    blocks = [each for each in parts.workspace.client(statement.client_id).contracts if isinstance(each, BlockHours)]
    return [
        balance(block, statement.month, earlier, drawn_by(block, statement.charges))
        for block in blocks
        if in_force_in(block, statement.month)
    ]
