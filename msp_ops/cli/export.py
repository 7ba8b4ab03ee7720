"""`export`: a client's month for the programs that send invoices and keep time."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, rows, say, tell

if TYPE_CHECKING:
    from msp_ops.domain.time_entry import Export
    from msp_ops.journeys.exports import Exported


class MonthUnlessSaid(TyperGroup):
    """`export acme 2026-11` is `export month acme 2026-11`."""

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # the context of typer's own click
        known = args and args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["month", *args])


app = typer.Typer(
    cls=MonthUnlessSaid, help="A client's month for other programs: export CLIENT MONTH.", no_args_is_help=True
)


@app.command("targets")
def list_targets(as_json: Json = False) -> None:
    """The programs that can be exported to, and what each takes.

    Example: msp-ops export targets
    """
    from msp_ops.exports.targets import TARGETS

    if as_json:
        emit([{"target": name, "title": target.title, "takes": target.takes} for name, target in TARGETS.items()])
        return
    rows(("target", "program", "takes"), ((name, each.title, each.takes) for name, each in TARGETS.items()), "none")


@app.command("month")
def export_month(  # noqa: PLR0913, PLR0917  # a command has the options that it has
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="A client's id.")],
    month: Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="Such as 2026-11.")],
    to: Annotated[str, typer.Option("--to", metavar="TARGET", help="One of: msp-ops export targets.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE|FOLDER", help="Where the files go.")],
    drafts: Annotated[bool, typer.Option("--open", help="Also of an open month; every row is called a draft.")] = False,
    as_json: Json = False,
) -> None:
    """Write a closed month for another program; what that does not take stands in rejected.csv, with the reasons.

    Example: msp-ops export acme 2026-11 --to xero --out exports/
    """
    from msp_ops.journeys.exports import export_month, write_export

    with parts_of(context) as parts:
        done = export_month(parts, client, month.date(), to, drafts=drafts)
        files = write_export(done.export, out)
    if as_json:
        emit(_as_json(done, files))
        return
    _tell(done)
    for path in files:
        tell(str(path))


def _as_json(done: "Exported", files: tuple[Path, ...]) -> dict[str, object]:
    export, statement = done.export, done.statement
    return {
        "target": export.target,
        "draft": statement.closed_at is None,
        "written": [entry.id for entry in export.written],
        "rejected": [{"id": each.entry.id, "reason": each.reason} for each in export.rejected],
        "statement_total": statement.total,
        "written_total": written_total(export),
        "currency": statement.currency,
        "worked_hours": export.worked,
        "billed_hours": export.billed,
        "remarks": export.remarks,
        "files": files,
    }


def written_total(export: "Export") -> Decimal:
    """What the rows cost by our books, whoever prices them there."""
    return sum((entry.amount for entry in export.written), Decimal(0))


def _tell(done: "Exported") -> None:
    """The sums first: what was written and what was not is together the statement."""
    export, statement = done.export, done.statement
    total = written_total(export)
    if statement.closed_at is None:
        say(f"DRAFT: {statement.month:%Y-%m} of {statement.client_id} is open and may change.", "yellow")
    say(f"{len(export.written)} rows for {export.target}: {export.billed} h billed, {total} {statement.currency}.")
    if export.rejected:
        left = statement.total - total
        say(f"{len(export.rejected)} rows rejected, {left} {statement.currency} of {statement.total}:", "red")
    for each in export.rejected:
        say(f"  {each.entry.id}: {each.reason}")
    for remark in export.remarks:
        say(f"Note: {remark}")
