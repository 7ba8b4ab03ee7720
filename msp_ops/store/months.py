"""Which record belongs to which month, and closed months as they were closed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from msp_ops.domain.ledger import ClosedMonth, Correction, Decision, FrozenLine, Line, OpenMonth, Statement
from msp_ops.domain.work import Span, WorkRecord
from msp_ops.store.chain import CHAINS, DECISIONS, RECORDS, head
from msp_ops.store.encode import rebuild
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema_ledger import closed_months, corrections, decisions, ledger_lines
from msp_ops.store.schema_time import work_records


def closed(connection: Connection, client_id: str) -> list[ClosedMonth]:
    """The earliest first: they close in their order."""
    chosen = select(closed_months.c.entry).where(closed_months.c.client_id == client_id)
    texts = connection.scalars(chosen.order_by(closed_months.c.position))
    return [rebuild(ClosedMonth, text) for text in texts]


def last_closed(connection: Connection, client_id: str) -> ClosedMonth | None:
    every = closed(connection, client_id)
    return every[-1] if every else None


def holds(month: ClosedMonth, record: AnyRow) -> bool:
    """Whether that month or an earlier one holds the record: its work began before, and it was written before."""
    return bool(record.dated_at < month.until and record.position <= month.records.length)


def holder(connection: Connection, record: AnyRow) -> ClosedMonth | None:
    """The closed month that holds the record."""
    return next((month for month in closed(connection, record.client_id) if holds(month, record)), None)


def open_rows(connection: Connection, client_id: str, until: datetime) -> Sequence[AnyRow]:
    """Records that no closed month holds and whose work began before `until`, in the order of the chain."""
    chosen: Select[Any] = select(work_records).where(
        work_records.c.client_id == client_id, work_records.c.dated_at < until
    )
    last = last_closed(connection, client_id)
    if last is not None:
        chosen = chosen.where(or_(work_records.c.dated_at >= last.until, work_records.c.position > last.records.length))
    return connection.execute(chosen.order_by(work_records.c.position)).all()


def open_month(connection: Connection, client_id: str, until: datetime) -> OpenMonth:
    """All of it at one moment."""
    rows = open_rows(connection, client_id, until)
    ids = {row.id for row in rows}
    last = last_closed(connection, client_id)
    return OpenMonth(
        client_id=client_id,
        until=until,
        records=tuple(rebuild(WorkRecord, row.record) for row in rows),
        late=tuple(row.id for row in rows if last is not None and row.dated_at < last.until),
        decisions={name: said for name, said in decided(connection, client_id).items() if name in ids},
        corrections=tuple(open_corrections(connection, client_id)),
        as_of={chain.kind: head(connection, chain, client_id) for chain in CHAINS},
        everyone=everyone(connection),
    )


def everyone(connection: Connection) -> dict[str, int]:
    """How long the chains of all clients' records and decisions are."""
    lengths: dict[str, int] = {}
    for chain in (RECORDS, DECISIONS):
        columns = chain.table.c
        chosen = select(columns.client_id, func.max(columns.position)).group_by(columns.client_id)
        lengths |= {chain.name(client_id): length for client_id, length in connection.execute(chosen)}
    return lengths


def counted(connection: Connection, client_id: str, since: date) -> dict[str, tuple[Span, ...]]:
    """What closed months from `since` on counted of persons' time, by the record's id."""
    chosen = select(ledger_lines.c.entry).where(ledger_lines.c.client_id == client_id, ledger_lines.c.month >= since)
    found: dict[str, tuple[Span, ...]] = {}
    for text in connection.scalars(chosen.order_by(ledger_lines.c.position)):
        line = rebuild(FrozenLine, text).line
        if line.charge.record_id is not None and not line.charge.rule.startswith("correction."):
            found.setdefault(line.charge.record_id, line.counted)
    return found


def open_corrections(connection: Connection, client_id: str) -> list[tuple[Correction, FrozenLine]]:
    """Whose lines no closed month has taken back yet, by their first word; the last word on each counts."""
    taken_back = select(ledger_lines.c.reverses).where(ledger_lines.c.reverses.is_not(None))
    chosen = (
        select(corrections.c.entry, ledger_lines.c.entry.label("line"))
        .join(ledger_lines, ledger_lines.c.id == corrections.c.line_id)
        .where(corrections.c.client_id == client_id, corrections.c.line_id.not_in(taken_back))
        .order_by(corrections.c.position)
    )
    last = {row.line: row.entry for row in connection.execute(chosen)}
    return [(rebuild(Correction, entry), rebuild(FrozenLine, line)) for line, entry in last.items()]


def statements(connection: Connection, client_id: str, month: date | None = None) -> list[Statement]:
    """Of all closed months, or of that one, the earliest first."""
    chosen = select(ledger_lines.c.entry).where(ledger_lines.c.client_id == client_id)
    if month is not None:
        chosen = chosen.where(ledger_lines.c.month == month)
    lines: dict[object, list[Line]] = defaultdict(list)
    for text in connection.scalars(chosen.order_by(ledger_lines.c.position)):
        frozen: FrozenLine = rebuild(FrozenLine, text)
        lines[frozen.month].append(frozen.line)
    known = [each for each in closed(connection, client_id) if month in {None, each.month}]
    return [as_statement(each, lines[each.month]) for each in known]


def as_statement(month: ClosedMonth, lines: Sequence[Line]) -> Statement:
    return Statement(
        client_id=month.client_id,
        month=month.month,
        currency=month.currency,
        lines=tuple(lines),
        total=month.total,
        closed_at=month.closed_at,
        closed_by=month.closed_by,
    )


def decided(connection: Connection, client_id: str) -> dict[str, Decision]:
    """The last word on each record, by its id."""
    chosen = select(decisions).where(decisions.c.client_id == client_id).order_by(decisions.c.position)
    return {row.record_id: rebuild(Decision, row.entry) for row in connection.execute(chosen)}
