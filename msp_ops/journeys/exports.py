"""A client's month as another program takes it, written from the books: the same month gives the same bytes."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.ledger import Statement
from msp_ops.domain.record import record
from msp_ops.domain.run import Run
from msp_ops.domain.time_entry import Export, WrittenFile
from msp_ops.domain.trigger import OnDemand
from msp_ops.domain.wording import listed
from msp_ops.domain.work import WorkRecord
from msp_ops.exports.entries import entries_of
from msp_ops.exports.generic import rejected_file
from msp_ops.exports.targets import target_named
from msp_ops.files.export_file import load_export_map
from msp_ops.files.folder import make_folder, replace_file
from msp_ops.journeys.month_priced import statement_of, work_of
from msp_ops.journeys.parts import Parts


@record
class Exported:
    """The statement, and what the target gets of it."""

    statement: Statement
    export: Export


def export_month(parts: Parts, client_id: str, month: date, target: str, *, drafts: bool = False) -> Exported:
    """What the target gets and what it does not take; nothing is written yet. PlanError, FileError.

    NotPermitted when the month is open, unless `drafts` are wanted: then every row says that it is one.
    """
    chosen, ids = target_named(target), load_export_map(parts.workspace.root)
    client = parts.workspace.client(client_id)
    statement = statement_of(parts, client.id, month)
    if statement.closed_at is None and not drafts:
        raise NotPermitted(
            f"{month:%Y-%m} of {client.id} is open: what is exported now may be priced otherwise later. Close it "
            f"first: msp-ops billing close {month:%Y-%m} {client.id}; or add --open for a draft that every row calls so"
        )
    records = {work.id: work for work, _ in work_of(parts, statement)}
    entries = entries_of(statement, records, _texts(parts, records.values()))
    return Exported(statement=statement, export=chosen.write(entries, ids))


def write_export(export: Export, out: Path) -> tuple[Path, ...]:
    """Into the folder `out`, or as the file `out` where there is one only; `rejected.csv` lies beside it.

    FileError when it cannot be written; PlanError when `out` is one file and there are several.
    """
    rejected = rejected_file(export.rejected)
    if out.suffix and not out.is_dir():
        if len(export.files) > 1:
            raise PlanError(f"there are {len(export.files)} files and {out} is one; name a folder with --out")
        files = {out: export.files[0], out.with_name(f"{out.stem}.{rejected.name}"): rejected}
    else:
        files = {out / file.name: file for file in (*export.files, rejected)}
    for path in files:
        make_folder(path.parent)
    return tuple(_written(path, file) for path, file in files.items())


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
