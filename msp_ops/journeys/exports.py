"""A client's month as another program takes it, written from the books: the same month gives the same bytes."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.ledger import Statement
from msp_ops.domain.record import record
from msp_ops.domain.run import Run
from msp_ops.domain.time_entry import Export, TimeEntry, WrittenFile
from msp_ops.domain.trigger import OnDemand
from msp_ops.domain.wording import listed
from msp_ops.domain.work import WorkRecord
from msp_ops.exports.entries import entries_of
from msp_ops.exports.generic import rejected_file
from msp_ops.exports.targets import target_named
from msp_ops.files.export_file import load_export_map
from msp_ops.files.folder import make_folder, replace_file
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.statements import statement_of, work_of

ALL = "all"


@record
class Sum:
    """In one currency: what the statements say, and what of it was written; the rest is among the rejected."""

    currency: str
    stated: Decimal
    written: Decimal


@record
class Exported:
    """`name`: the client's id and the month, which the files are called by."""

    name: str
    statements: tuple[Statement, ...]
    export: Export

    @property
    def is_draft(self) -> bool:
        return any(each.closed_at is None for each in self.statements)

    def sums(self) -> tuple[Sum, ...]:
        """By our books, also where a target prices the hours itself."""
        currencies = sorted({each.currency for each in self.statements})
        return tuple(self._sum(currency) for currency in currencies)

    def _sum(self, currency: str) -> Sum:
        stated = [each.total for each in self.statements if each.currency == currency]
        written = [each.amount for each in self.export.written if each.currency == currency]
        return Sum(currency=currency, stated=sum(stated, Decimal(0)), written=sum(written, Decimal(0)))


def export_month(parts: Parts, client_id: str, month: date, target: str, *, drafts: bool = False) -> Exported:
    """What the target gets of one client's month, or of `all`; nothing is written yet. PlanError, FileError.

    NotPermitted when a month is open, unless `drafts` are wanted: then every row says that it is one.
    """
    chosen, ids = target_named(target), load_export_map(parts.workspace.root)
    clients = _all_clients(parts) if client_id == ALL else (parts.workspace.client(client_id).id,)
    statements = tuple(statement_of(parts, each, month) for each in clients)
    open_ones = [each.client_id for each in statements if each.closed_at is None]
    if open_ones and not drafts:
        raise NotPermitted(
            f"{month:%Y-%m} of {listed(open_ones)} is open: what is exported now may be priced otherwise later. Close "
            f"it first: msp-ops billing close {month:%Y-%m}; or add --open for a draft that every row calls so"
        )
    entries = [entry for each in statements for entry in _entries(parts, each)]
    return Exported(name=f"{client_id}-{month:%Y-%m}", statements=statements, export=chosen.write(entries, ids))


def write_export(done: Exported, out: Path) -> tuple[Path, ...]:
    """Into the folder `out`, or as the file `out` where there is one only; what was rejected lies beside it.

    FileError when it cannot be written; PlanError when `out` is one file and there are several.
    """
    export, rejected = done.export, rejected_file(done.export.rejected)
    if out.suffix and not out.is_dir():
        if len(export.files) > 1:
            raise PlanError(f"there are {len(export.files)} files and {out} is one; name a folder with --out")
        files = {out: export.files[0], out.with_name(f"{out.stem}-{rejected.name}"): rejected}
    else:
        files = {out / f"{done.name}-{file.name}": file for file in export.files}
        files[out / f"{done.name}-{export.target}-{rejected.name}"] = rejected
    for path in files:
        make_folder(path.parent)
    return tuple(_written(path, file) for path, file in files.items())


def _all_clients(parts: Parts) -> tuple[str, ...]:
    """FileError when one of them cannot be read: it would be missing in silence."""
    for name, mistake in parts.workspace.mistakes.items():
        if name.startswith("client "):
            raise mistake
    return tuple(parts.workspace.clients)


def _entries(parts: Parts, statement: Statement) -> tuple[TimeEntry, ...]:
    records = {work.id: work for work, _ in work_of(parts, statement)}
    return entries_of(statement, records, _texts(parts, records.values()))


def _written(path: Path, file: WrittenFile) -> Path:
    replace_file(path, file.content)
    return path


def _texts(parts: Parts, records: Iterable[WorkRecord]) -> Mapping[str, str]:
    """What was done, by run: from the store alone, for a sentence of the library may be another one next year.

    Nor does it claim success, which a charge without a price may have missed.
    """
    runs = sorted({work.run_id for work in records if work.run_id is not None})
    return {run_id: _what_ran(parts.store.runs.read(run_id, depth="ends")) for run_id in runs}


def _what_ran(run: Run) -> str:
    """`web shop is down (fix-service on web1)`, `patch-linux on web1, web2`."""
    what = f"{run.plan.runbook_id} on {listed(run.plan.host_ids())}"
    reason = run.trigger.reason if isinstance(run.trigger, OnDemand) else ""
    return f"{reason} ({what})" if reason else what
