"""Why a month cannot be closed. Each rule is one that makes a ledger worth its name."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, select

from msp_ops.domain.errors import Overtaken, StoreError
from msp_ops.domain.ledger import ClosedMonth, Line, OpenMonth, Statement
from msp_ops.store import months
from msp_ops.store.chain import CORRECTIONS, DECISIONS, MONTHS, RECORDS, head
from msp_ops.store.schema_ledger import contract_terms, ledger_lines

_SHOWN = 5


def refuse_close(
    connection: Connection, statement: Statement, as_of: OpenMonth, terms: Mapping[str, str], since: datetime
) -> None:
    """StoreError in words."""
    of = f"{statement.month:%Y-%m} of {statement.client_id}"
    if statement.questions:
        raise StoreError(f"{of} has {len(statement.questions)} open questions: answer them before it is closed")
    _refuse_order(connection, statement, as_of, since, of)
    _refuse_changed(connection, statement, as_of, of)
    _refuse_sum(statement, of)
    _refuse_corrections(statement, as_of, of)
    _refuse_records(statement, as_of, of)
    _refuse_terms(connection, statement, terms, of)
    _refuse_ids(connection, statement, of)


def _refuse_order(connection: Connection, statement: Statement, as_of: OpenMonth, since: datetime, of: str) -> None:
    """Months of a client close once, and in their order."""
    if statement.month.day != 1 or as_of.client_id != statement.client_id:
        raise StoreError(f"the statement of {of} was not priced from what is open of it: nothing was closed")
    last = months.last_closed(connection, statement.client_id)
    if last is not None and statement.month <= last.month:
        raise StoreError(_closed_words(connection, statement, last, of))
    begin = min(since, last.until) if last is not None and _follows(last.month, statement.month) else since
    earlier = [
        row
        for row in months.open_rows(connection, statement.client_id, begin)
        if last is None or row.dated_at >= last.until
    ]
    if earlier:
        first = min(row.dated_at for row in earlier)
        raise StoreError(
            f"{of} cannot be closed: {len(earlier)} work records before it are in no closed month, the first of "
            f"{first:%Y-%m-%d}; close the earlier months first"
        )


def _closed_words(connection: Connection, statement: Statement, last: ClosedMonth, of: str) -> str:
    for each in months.closed(connection, statement.client_id):
        if each.month == statement.month:
            return f"{of} is closed: by {each.closed_by} on {each.closed_at:%Y-%m-%d}; it never changes any more"
    return f"{of} cannot be closed any more: {last.month:%Y-%m} is, and months close in their order"


def _follows(earlier: date, month: date) -> bool:
    """A client whose zone was changed loses no hour between two months."""
    return (earlier + timedelta(days=31)).replace(day=1) == month


def _refuse_changed(connection: Connection, statement: Statement, as_of: OpenMonth, of: str) -> None:
    """What it was priced from is still all there is."""
    mine = {chain.name(statement.client_id) for chain in (RECORDS, DECISIONS)}
    others, now = (
        {name: length for name, length in said.items() if name not in mine}
        for said in (as_of.everyone, months.everyone(connection))
    )
    if others != now:
        raise Overtaken(
            f"while {of} was being closed, somebody's time for another client came in: look again, then close"
        )
    now_open = {row.id for row in months.open_rows(connection, statement.client_id, as_of.until)}
    came = now_open - {each.id for each in as_of.records}
    if came:
        raise Overtaken(f"while {of} was being closed, work records came in: {_few(came)}; look again, then close")
    for chain, what in ((DECISIONS, "a decision"), (CORRECTIONS, "a correction"), (MONTHS, "the close of a month")):
        if head(connection, chain, statement.client_id) != as_of.as_of[chain.kind]:
            raise Overtaken(f"while {of} was being closed, {what} came in: look again, then close")


def _refuse_sum(statement: Statement, of: str) -> None:
    strange = {line.charge.currency for line in statement.lines} - {statement.currency}
    if strange:
        raise StoreError(
            f"lines of {of} are in {_few(strange)}, its statement in {statement.currency}: nothing was closed"
        )
    summed = sum((line.charge.amount for line in statement.lines), Decimal(0))
    if summed != statement.total:
        raise StoreError(f"the lines of {of} sum to {summed}, its total says {statement.total}: nothing was closed")


def _refuse_records(statement: Statement, as_of: OpenMonth, of: str) -> None:
    """No work is lost, and none comes twice."""
    known = {each.id for each in as_of.records}
    named = {line.charge.record_id for line in statement.lines} - {None}
    missing = known - named
    if missing:
        raise StoreError(f"{of} has work records without a line: {_few(missing)}; each needs one, if only of 0")
    strange = named - known - {line.line.charge.record_id for _, line in as_of.corrections}
    if strange:
        raise StoreError(f"lines of {of} are for work records that are not open in it: {_few(map(str, strange))}")


def _refuse_corrections(statement: Statement, as_of: OpenMonth, of: str) -> None:
    """Each is taken back once, to the cent."""
    wanted = {correction.line_id: -line.line.charge.amount for correction, line in as_of.corrections}
    reversing = [line for line in statement.lines if line.reverses is not None]
    given = {line.reverses: line.charge.amount for line in reversing}
    if given != wanted or len(reversing) != len(wanted):
        wrong = {str(each) for each in {*given, *wanted} if given.get(each) != wanted.get(each or "")}
        raise StoreError(
            f"{of} must take back exactly the lines that persons corrected, by their whole amount; wrong are: "
            f"{_few(wrong) or 'lines that are taken back twice'}"
        )


def _refuse_terms(connection: Connection, statement: Statement, terms: Mapping[str, str], of: str) -> None:
    """Every line can be explained later."""
    forged = [each for each, text in terms.items() if hashlib.sha256(text.encode()).hexdigest() != each]
    if forged:
        raise StoreError(f"the terms of {of} do not have the digest that they are named by: {_few(forged)}")
    wanted = {line.charge.terms for line in statement.lines} - {None, *terms}
    kept = connection.scalars(select(contract_terms.c.digest).where(contract_terms.c.digest.in_(wanted)))
    unknown = wanted - set(kept)
    if unknown:
        raise StoreError(f"lines of {of} were priced by terms that nobody gave: {_few(map(str, unknown))}")


def _refuse_ids(connection: Connection, statement: Statement, of: str) -> None:
    often = [each for each, times in Counter(line.id for line in statement.lines).items() if times > 1]
    taken = set(often) | {line.id for line in statement.lines if _is_there(connection, line)}
    if taken:
        raise StoreError(f"lines of {of} have ids that other lines have: {_few(taken)}")


def _is_there(connection: Connection, line: Line) -> bool:
    return connection.execute(select(ledger_lines.c.id).where(ledger_lines.c.id == line.id)).first() is not None


def _few(names: Iterable[str]) -> str:
    every = sorted(names)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
