"""The ledger: what a month would be closed with, persons' words on it, and what closed months say for ever."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, insert, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.ledger import ClosedMonth, Correction, Decision, FrozenLine, OpenMonth, Statement
from msp_ops.domain.work import Span
from msp_ops.store import months
from msp_ops.store.chain import CORRECTIONS, DECISIONS, LINES, MONTHS, RECORDS, append, head
from msp_ops.store.close import refuse_close
from msp_ops.store.database import Database
from msp_ops.store.encode import rebuild, written
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema_ledger import contract_terms, ledger_lines
from msp_ops.store.schema_time import work_records


class Ledger:
    """Everything here is appended, and nothing is ever changed: the database refuses it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def open_month(self, client_id: str, until: datetime) -> OpenMonth:
        """Every record that no closed month holds and whose work began before `until`, and what belongs to them.

        With those that came late: dated in a month that was closed before they were written.
        """
        with self._database.reading() as connection:
            return months.open_month(connection, client_id, until)

    def closed_month_of(self, record_id: str) -> ClosedMonth | None:
        """Which closed month holds the record; PlanError when there is no such record."""
        with self._database.reading() as connection:
            return months.holder(connection, _record_row(connection, record_id))

    def decisions(self, client_id: str) -> dict[str, Decision]:
        """Persons' last word on each record of the client, also of closed months, by the record's id."""
        with self._database.reading() as connection:
            return months.decided(connection, client_id)

    def counted(self, client_id: str, since: date) -> dict[str, tuple[Span, ...]]:
        """What closed months from the one that begins `since` counted of persons' time, by the record's id."""
        with self._database.reading() as connection:
            return months.counted(connection, client_id, since)

    def decide(self, record_id: str, contract_id: str | None, by: str, reason: str, *, void: bool = False) -> Decision:
        """A person's word on a record; the last one counts.

        PlanError when there is no such record, NotPermitted when its month is closed.
        """
        said = Decision(
            record_id=record_id, contract_id=contract_id, by=by, reason=reason, at=self._clock.now(), void=void
        )
        with self._database.writing() as connection:
            row = _record_row(connection, record_id)
            closed = months.holder(connection, row)
            if closed is not None:
                raise NotPermitted(
                    f"the record {record_id} was closed with {closed.month:%Y-%m} of {closed.client_id}: nothing of it "
                    "changes any more; a wrong line is corrected in a later month"
                )
            append(connection, DECISIONS, row.client_id, [{"record_id": record_id, "entry": written(said)}])
        return said

    def correct(self, line_id: str, instead: Decimal | None, by: str, reason: str) -> Correction:
        """A frozen line will be taken back in the next month that closes, with `instead` charged where given.

        PlanError when there is no such line, NotPermitted when a closed month has taken it back.
        """
        said = Correction(line_id=line_id, instead=instead, by=by, reason=reason, at=self._clock.now())
        with self._database.writing() as connection:
            line = _line_row(connection, line_id)
            _refuse_second_correction(connection, line)
            append(connection, CORRECTIONS, line.client_id, [{"line_id": line_id, "entry": written(said)}])
        return said

    def close_month(
        self, statement: Statement, *, as_of: OpenMonth, terms: Mapping[str, str], since: datetime, by: str
    ) -> Statement:
        """Freeze the statement, all of it or nothing; the statement as it is closed.

        `as_of`: what it was priced from, read with the moment at which the month ends. `terms`: by their digest, the
        text of what priced the lines. StoreError says why it cannot be closed, and nothing was written.
        """
        client_id = statement.client_id
        with self._database.writing() as connection:
            refuse_close(connection, statement, as_of, terms, since)
            _keep_terms(connection, terms)
            lines = append(connection, LINES, client_id, _line_rows(statement))
            closed = ClosedMonth(
                client_id=client_id,
                month=statement.month,
                since=since,
                until=as_of.until,
                currency=statement.currency,
                total=statement.total,
                count=len(statement.lines),
                records=head(connection, RECORDS, client_id),
                lines=lines,
                closed_at=self._clock.now(),
                closed_by=by,
            )
            append(connection, MONTHS, client_id, [{"month": closed.month, "entry": written(closed)}])
        return months.as_statement(closed, statement.lines)

    def closed_months(self, client_id: str) -> list[ClosedMonth]:
        """The earliest first."""
        with self._database.reading() as connection:
            return months.closed(connection, client_id)

    def statements(self, client_id: str) -> list[Statement]:
        """Of all closed months, the earliest first."""
        with self._database.reading() as connection:
            return months.statements(connection, client_id)

    def statement(self, client_id: str, month: date) -> Statement | None:
        """As the month was closed; None while it is open."""
        with self._database.reading() as connection:
            return next(iter(months.statements(connection, client_id, month.replace(day=1))), None)

    def line(self, line_id: str) -> FrozenLine:
        """A line of a closed month; PlanError when there is none of that id."""
        with self._database.reading() as connection:
            line: FrozenLine = rebuild(FrozenLine, _line_row(connection, line_id).entry)
            return line

    def terms(self, digest: str) -> str:
        """The text of what priced a frozen line; PlanError when no line was priced by it."""
        with self._database.reading() as connection:
            text: str | None = connection.scalar(
                select(contract_terms.c.terms).where(contract_terms.c.digest == digest)
            )
        if text is None:
            raise PlanError(f"no line of a closed month was priced by terms with the digest {digest}")
        return text


def _line_rows(statement: Statement) -> list[dict[str, object]]:
    frozen = [FrozenLine(client_id=statement.client_id, month=statement.month, line=each) for each in statement.lines]
    return [
        {"id": each.line.id, "month": each.month, "reverses": each.line.reverses, "entry": written(each)}
        for each in frozen
    ]


def _keep_terms(connection: Connection, terms: Mapping[str, str]) -> None:
    known = set(connection.scalars(select(contract_terms.c.digest).where(contract_terms.c.digest.in_(terms))))
    for digest, text in terms.items():
        if digest not in known:
            connection.execute(insert(contract_terms).values(digest=digest, terms=text))


def _record_row(connection: Connection, record_id: str) -> AnyRow:
    row = connection.execute(select(work_records).where(work_records.c.id == record_id)).one_or_none()
    if row is None:
        raise PlanError(
            f"there is no work record {record_id}; `msp-ops work list CLIENT --json` shows them with their ids"
        )
    return row


def _line_row(connection: Connection, line_id: str) -> AnyRow:
    row = connection.execute(select(ledger_lines).where(ledger_lines.c.id == line_id)).one_or_none()
    if row is None:
        raise PlanError(f"there is no line {line_id} in a closed month; a line of an open month simply changes with it")
    return row


def _refuse_second_correction(connection: Connection, line: AnyRow) -> None:
    """Until a month takes it back the last word on a line counts; then what took it back can be corrected itself."""
    taken = connection.scalar(select(ledger_lines.c.id).where(ledger_lines.c.reverses == line.id))
    if taken is not None:
        raise NotPermitted(f"the line {line.id} was taken back by {taken} of a closed month; correct that one")
