"""What closed months say of themselves, against their lines; what runs say, against their records."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from msp_ops.domain.audit import Fault
from msp_ops.domain.ledger import ChainHead
from msp_ops.store.chain import LINES, MONTHS, RECORDS, Chain
from msp_ops.store.marks import Mark, Marks
from msp_ops.store.rows import AnyRow
from msp_ops.store.verify_chain import Look, Parsed

_Month = tuple[str, str]  # client, first day


class Books:
    """Sees every sound entry of the chains, then judges what they say together."""

    def __init__(self) -> None:
        self.terms: dict[str, str] = {}  # by digest: the first line that was priced by it
        self._months: dict[_Month, Parsed] = {}
        self._sums: dict[_Month, Decimal] = defaultdict(Decimal)
        self._counts: Counter[_Month] = Counter()
        self._of_runs: Counter[str] = Counter()

    def reader(self, chain: Chain) -> Look:
        """What looks at the entries of a chain."""
        readers: dict[str, Look] = {RECORDS.kind: self._record, LINES.kind: self._line, MONTHS.kind: self._month}
        return readers.get(chain.kind, _nothing)

    def mark(self, marks: Marks) -> None:
        """Where chains stood when months were closed."""
        for (client_id, month), said in self._months.items():
            by = f"the close of {month[:7]}"
            for chain in (RECORDS, LINES):
                marks.add(chain.name(client_id), Mark(by=by, head=_head(said[chain.kind]), sealed=False))

    def faults(self, connection: Connection) -> list[Fault]:
        """Each is named by the chain that it is about."""
        return [*self._wrong_sums(), *self._without_close(), *self._missing_records(connection)]

    def _record(self, row: AnyRow, _parsed: Parsed) -> None:
        self._of_runs[row.client_id] += row.run_id is not None

    def _line(self, row: AnyRow, parsed: Parsed) -> None:
        charge = parsed["line"]["charge"]
        month = (row.client_id, parsed["month"])
        self._sums[month] += Decimal(charge["amount"])
        self._counts[month] += 1
        if charge.get("terms"):
            self.terms.setdefault(charge["terms"], row.id)

    def _month(self, row: AnyRow, parsed: Parsed) -> None:
        self._months[row.client_id, parsed["month"]] = parsed

    def _wrong_sums(self) -> Iterable[Fault]:
        for month, said in self._months.items():
            there = (self._counts[month], self._sums[month])
            if there != (said["count"], Decimal(said["total"])):
                says = f"says {said['count']} lines of {said['total']}; there are {there[0]} of {there[1]}"
                yield Fault(chain=LINES.name(month[0]), entry=f"the close of {month[1][:7]}", says=says)

    def _without_close(self) -> Iterable[Fault]:
        for client_id, month in self._counts.keys() - self._months.keys():
            says = "has lines, and its close is missing"
            yield Fault(chain=MONTHS.name(client_id), entry=f"the close of {month[:7]}", says=says)

    def _missing_records(self, connection: Connection) -> Iterable[Fault]:
        counted = text("SELECT client_id, count(*) AS closed FROM runs WHERE ended_at IS NOT NULL GROUP BY client_id")
        closed = {row.client_id: row.closed for row in connection.execute(counted)}
        for client_id in sorted({*closed, *self._of_runs}):
            runs, records = closed.get(client_id, 0), self._of_runs[client_id]
            if runs != records:
                says = f"{runs} runs of {client_id} are closed, and {records} have a record"
                yield Fault(chain=RECORDS.name(client_id), entry="the last ones", says=says)


def _nothing(_row: AnyRow, _parsed: Parsed) -> None:
    """The chain says nothing about another."""


def _head(said: dict[str, Any]) -> ChainHead:
    return ChainHead(length=said["length"], hash=said["hash"])
