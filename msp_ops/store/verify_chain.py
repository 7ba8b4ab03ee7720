"""One chain from its first entry to its last: every byte of every column is that of the hashes."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from msp_ops.domain.audit import Examined, Fault
from msp_ops.domain.ledger import ChainHead
from msp_ops.domain.record import record
from msp_ops.store.chain import CORRECTIONS, DECISIONS, LINES, MONTHS, RECORDS, Chain, link
from msp_ops.store.columns import NONSENSE
from msp_ops.store.marks import Mark
from msp_ops.store.rows import AnyRow

Parsed = dict[str, Any]
Look = Callable[[AnyRow, Parsed], None]


@record
class Walk:
    """What is to be walked: a client's chain and the marks on its way. `look` sees every sound entry."""

    chain: Chain
    client_id: str
    marks: Mapping[int, list[Mark]]
    look: Look

    @property
    def name(self) -> str:
        return self.chain.name(self.client_id)


def walk(what: Walk, rows: Iterable[AnyRow]) -> tuple[Examined, Fault | None]:
    """Stops at the first entry that is not as it was written, or that is no more what a mark says."""
    head, sealed, vouched = what.chain.start(what.client_id), 0, 0
    fault: Fault | None = None
    for row in rows:
        fault = _unsound(what, head, row) or _unmarked(what, row, vouched)
        if fault is not None:
            break
        head = ChainHead(length=row.position, hash=row.hash)
        here = what.marks.get(head.length, ())
        vouched = head.length if here else vouched
        sealed = head.length if any(mark.sealed for mark in here) else sealed
    fault = fault or _cut_off(what, head)
    return Examined(chain=what.name, length=head.length, hash=head.hash, sealed=sealed), fault


def _unsound(what: Walk, head: ChainHead, row: AnyRow) -> Fault | None:
    text = getattr(row, what.chain.text)
    place = (row.position, row.previous)
    if place != (head.length + 1, head.hash):
        says = "is not in its place: it was changed, moved, or entries before it are missing"
        return _fault(what, row, head.length + 1, says)
    if not isinstance(text, str) or link(text, head.hash) != row.hash:
        return _fault(what, row, head.length + 1, "is not as it was written: its text and its hash do not fit")
    try:
        parsed = json.loads(text)
        same = _COLUMNS[what.chain.kind](row, parsed)
        if same:
            what.look(row, parsed)
    except NONSENSE:
        same = False
    if not same:
        return _fault(what, row, head.length + 1, "has columns that do not say what its text says")
    return None


def _unmarked(what: Walk, row: AnyRow, vouched: int) -> Fault | None:
    for mark in what.marks.get(row.position, ()):
        if mark.head.hash != row.hash:
            since = f"it or one after number {vouched}" if vouched else "it or one before it"
            return _fault(what, row, row.position, f"is not what {mark.by} says: {since} was replaced, hashes and all")
    return None


def _cut_off(what: Walk, head: ChainHead) -> Fault | None:
    """The first that is missing."""
    beyond = [mark for length, marks in sorted(what.marks.items()) if length > head.length for mark in marks]
    if not beyond:
        return None
    last = beyond[-1]
    says = f"is missing, and all after it: {last.by} says that there were {last.head.length}"
    return Fault(chain=what.name, entry=f"number {head.length + 1}", says=says)


def _fault(what: Walk, row: AnyRow, number: int, says: str) -> Fault:
    return Fault(chain=what.name, entry=f"number {number} ({_NAMES[what.chain.kind](row)})", says=says)


def _record_fits(row: AnyRow, parsed: Parsed) -> bool:
    known = (parsed["id"], parsed["run_id"], parsed["client_id"])
    return known == (row.id, row.run_id, row.client_id) and _dated(row, parsed)


def _dated(row: AnyRow, parsed: Parsed) -> bool:
    """A record from before it said so itself, without any interval, is dated by its column alone."""
    begun = [each["started_at"] for each in (parsed["machine"], parsed["attended"]) if each]
    said = min(map(_moment, begun or [parsed.get("noted_at") or row.dated_at]))
    return bool(row.dated_at == (_spelled(said) if isinstance(row.dated_at, str) else said))


def _moment(value: str | datetime) -> datetime:
    """As SQLite keeps it, as PostgreSQL does, or as a text says it."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _spelled(moment: datetime) -> str:
    """As SQLite keeps it, to the letter: reports choose by the text."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _day(value: object) -> str:
    """As SQLite keeps it, as PostgreSQL does, or whatever was put there instead."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _line_fits(row: AnyRow, parsed: Parsed) -> bool:
    said = (parsed["client_id"], parsed["month"], parsed["line"]["id"], parsed["line"]["reverses"])
    return said == (row.client_id, _day(row.month), row.id, row.reverses)


_COLUMNS: dict[str, Callable[[AnyRow, Parsed], bool]] = {
    RECORDS.kind: _record_fits,
    DECISIONS.kind: lambda row, parsed: parsed["record_id"] == row.record_id,
    LINES.kind: _line_fits,
    CORRECTIONS.kind: lambda row, parsed: parsed["line_id"] == row.line_id,
    MONTHS.kind: lambda row, parsed: (parsed["client_id"], parsed["month"]) == (row.client_id, _day(row.month)),
}
_NAMES: dict[str, Callable[[AnyRow], str]] = {
    RECORDS.kind: lambda row: f"record {row.id}",
    DECISIONS.kind: lambda row: f"the decision on record {row.record_id}",
    LINES.kind: lambda row: f"line {row.id} of {_day(row.month)[:7]}",
    CORRECTIONS.kind: lambda row: f"the correction of line {row.line_id}",
    MONTHS.kind: lambda row: f"the close of {_day(row.month)[:7]}",
}
