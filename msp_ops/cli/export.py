"""`export`: a client's month for the programs that send invoices and keep time."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, next_step, rows, say, tell, who_am_i
from msp_ops.domain.errors import PlanError

if TYPE_CHECKING:
    from msp_ops.journeys.exports import Exported
    from msp_ops.journeys.outbox_psa import Pushed

MOST_TOLD = 20  # rejected rows on the screen; the file has all


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
    client: Annotated[str, typer.Argument(help="A client's id, or all.")],
    month: Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="Such as 2026-11.")],
    to: Annotated[str, typer.Option("--to", metavar="TARGET", help="One of: msp-ops export targets.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE|FOLDER", help="Where the files go.")] = None,
    pushed: Annotated[bool, typer.Option("--push", help="Queue each entry for the program's API.")] = False,
    drafts: Annotated[bool, typer.Option("--open", help="Also of an open month; every row is called a draft.")] = False,
    as_json: Json = False,
) -> None:
    """Write a closed month for another program; what that does not take stands beside it in ...-rejected.csv.

    With --push each entry goes into the outbox, once however often it is pushed; `outbox send` or `up` sends it.

    Examples: msp-ops export acme 2026-11 --to kimai --out exports/ · msp-ops export all 2026-11 --to xero --out x/
    · msp-ops export acme 2026-11 --to connectwise --push
    """
    from msp_ops.journeys.exports import export_month, write_export
    from msp_ops.journeys.outbox_psa import push

    if out is None and not pushed:
        raise PlanError("where the files go is missing: add --out FOLDER, or --push for the program's API")
    with parts_of(context) as parts:
        done = export_month(parts, client, month.date(), to, drafts=drafts)
        queued = push(parts, done, who_am_i()) if pushed else None
        files = write_export(done, out) if out is not None else ()
    if as_json:
        emit(_as_json(done, files) | (_pushed_as_json(queued) if queued else {}))
        return
    _tell(done)
    if queued:
        _tell_pushed(queued)
    for path in files:
        tell(str(path))


def _as_json(done: "Exported", files: tuple[Path, ...]) -> dict[str, object]:
    export = done.export
    return {
        "target": export.target,
        "draft": done.is_draft,
        "written": [entry.id for entry in export.written],
        "rejected": [{"id": each.entry.id, "reason": each.reason} for each in export.rejected],
        "totals": done.sums(),
        "worked_hours": export.worked,
        "billed_hours": export.billed,
        "remarks": export.remarks,
        "files": files,
    }


def _pushed_as_json(queued: "Pushed") -> dict[str, object]:
    return {"pushed": queued.became}


def _tell_pushed(queued: "Pushed") -> None:
    """What is new, and what somebody has to look at: there it may be otherwise than here."""
    new, known = queued.ids("new"), queued.ids("known")
    corrected, differs = queued.ids("corrected"), queued.ids("differs")
    mended = f", {len(corrected)} corrected" if corrected else ""
    say(f"{_rows(len(new))} queued{mended}; {len(known)} were queued before.", "green" if new or corrected else "")
    for message_id in differs[:MOST_TOLD]:
        say(f"  {message_id} is otherwise now and was left as it was: msp-ops outbox show {message_id}", "yellow")
    if more := differs[MOST_TOLD:]:
        say(f"  and {_rows(len(more))} more; all of them: --json", "yellow")
    if new or corrected:
        next_step("msp-ops outbox send")


def _tell(done: "Exported") -> None:
    """The sums first: what was written and what was not is together the statements."""
    export = done.export
    if done.is_draft:
        say("DRAFT: the month is open and may change; every row says so.", "yellow")
    written, rejected = _rows(len(export.written)), _rows(len(export.rejected))
    say(f"{written} for {export.target}, {export.billed} h billed; {rejected} rejected.")
    for each in done.sums():
        left = each.stated - each.written
        rest = f", {left} rejected" if left or export.rejected else ""
        say(f"{each.currency} {each.written} of {each.stated} written{rest}.", "red" if left else "")
    for one in export.rejected[:MOST_TOLD]:
        say(f"  {one.entry.id}: {one.reason}")
    if more := export.rejected[MOST_TOLD:]:
        say(f"  and {_rows(len(more))} more, in the file")
    for remark in export.remarks:
        say(f"Note: {remark}")


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"
