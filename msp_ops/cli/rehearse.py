"""`runbooks validate` and `rehearse`: whether runbooks can be meant, and whether they do what they are for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import complete, exit_codes
from msp_ops.cli.context import files_of
from msp_ops.cli.talk import Json, emit, out, say, shown
from msp_ops.domain.errors import FileError

if TYPE_CHECKING:
    from msp_ops.files.workspace import Workspace
    from msp_ops.journeys.rehearse import Rehearsed
    from msp_ops.journeys.standing import Proved

Played = Sequence[tuple["Proved", Sequence["Rehearsed"]]]


def validate_runbooks(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None, typer.Argument(help="A runbook's folder, or one with runbooks in it; else the library.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read runbooks with their scripts and rehearsals; say every mistake as file:line:col.

    Example: msp-ops runbooks validate runbooks/fix-printer
    """
    from msp_ops.checks.table import CHECKS
    from msp_ops.files.script_habits import forgeable
    from msp_ops.journeys.standing import proved_all, proved_beneath

    if folders:
        found, mistakes = proved_beneath(folders, frozenset(CHECKS))
    else:
        files = files_of(context)
        found, mistakes = proved_all(files), _unread(files)
    for each in found.values():
        mistakes = [*mistakes, *forgeable(Path(each.runbook.folder)), *each.rehearsals.mistakes]
    if as_json:
        emit({"runbooks": sorted(found), "mistakes": [str(each) for each in mistakes]})
    _complain_of(mistakes)
    rehearsals = sum(len(each.rehearsals.sound) for each in found.values())
    say(f"{len(found)} runbooks, {rehearsals} rehearsals: all well.", "green")


def rehearse_runbooks(
    context: typer.Context,
    runbooks: Annotated[
        list[str] | None, typer.Argument(metavar="RUNBOOK", help="Ids; else all.", autocompletion=complete.runbooks)
    ] = None,
    as_json: Json = False,
) -> None:
    """Run runbooks against stand-ins for hosts: what they must do is in their folder rehearsals/. No host is touched.

    Example: msp-ops runbooks rehearse fix-service
    """
    from msp_ops.checks.table import CHECKS
    from msp_ops.journeys.rehearse import rehearse
    from msp_ops.journeys.standing import proved, proved_all

    files = files_of(context)
    chosen = [proved(files, files.runbook(name)) for name in runbooks or ()] or list(proved_all(files).values())
    played: Played = [
        (each, [rehearse(each.runbook, rehearsal, CHECKS) for rehearsal in each.rehearsals.sound]) for each in chosen
    ]
    if as_json:
        emit([_as_json(one) for _, all_of in played for one in all_of])
    else:
        _show(played)
    unread = [] if runbooks else _unread(files)
    _complain_of([*unread, *(mistake for each in chosen for mistake in each.rehearsals.mistakes)])
    if not all(all_of and all(one.is_green for one in all_of) for _, all_of in played):
        raise typer.Exit(exit_codes.SOME_FAILED)


def _unread(files: "Workspace") -> list[FileError]:
    return [mistake for name, mistake in files.mistakes.items() if name.startswith("runbook ")]


def _complain_of(mistakes: Sequence[FileError]) -> None:
    if mistakes:
        raise FileError("\n".join(map(str, mistakes)))


def _show(played: Played) -> None:
    for proved, rehearsed in played:
        _show_book(proved, rehearsed)
    red = sum(not one.is_green for _, rehearsed in played for one in rehearsed)
    number = sum(len(rehearsed) for _, rehearsed in played)
    unread = sum(len(proved.rehearsals.mistakes) for proved, _ in played)
    bad = [*([f"{red} red"] if red else []), *([f"{unread} cannot be read"] if unread else [])]
    say(
        f"{number} rehearsals, {', '.join(bad) or ('all green' if number else 'so nothing is proved')}.",
        "red" if bad or not number else "green",
    )


def _show_book(proved: "Proved", rehearsed: Sequence["Rehearsed"]) -> None:
    """A grade counts what is written; what is written and does not come true gives none."""
    red = not all(one.is_green for one in rehearsed)
    out.print(
        f"[bold]{proved.runbook.id}[/bold]  {'no grade while a rehearsal is red' if red else proved.standing.grade}"
    )
    if not rehearsed and not proved.rehearsals.mistakes:
        out.print("  [red]not rehearsed: its folder rehearsals/ has none[/red]")
    for one in rehearsed:
        _show_one(one)
    for why in () if red else proved.standing.missing:
        out.print(f"  {proved.standing.next_grade} needs: {shown(why)}")


def _show_one(one: "Rehearsed") -> None:
    colour = "green" if one.is_green else "red"
    rehearsal = one.rehearsal
    out.print(f"  [{colour}]{colour:5}[/{colour}]  {rehearsal.proves:12}  {rehearsal.name}: {shown(rehearsal.title)}")
    if one.is_green:
        return
    for difference in one.differences:
        out.print(f"         {shown(difference)}")
    for step in one.result.steps:
        why = f": {step.reason}" if step.reason else ""
        out.print(f"         [dim]{shown(step.name)} ended {step.outcome.word}{shown(why)}[/dim]")


def _as_json(one: "Rehearsed") -> Mapping[str, object]:
    return {
        "runbook": one.runbook_id,
        "rehearsal": one.rehearsal.name,
        "proves": one.rehearsal.proves,
        "green": one.is_green,
        "differences": one.differences,
        "outcome": one.result.outcome,
        "reason": one.result.reason,
        "steps": {step.name: step.outcome for step in one.result.steps},
    }
