"""`runbooks`: what can be done, and how well it is proved."""

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import accept_runbooks, complete, new_runbook, rehearse
from msp_ops.cli.context import files_of
from msp_ops.cli.talk import Json, emit, next_step, out, rows, say, shown

if TYPE_CHECKING:
    from msp_ops.domain.parameters import Parameter
    from msp_ops.domain.runbook import Runbook
    from msp_ops.journeys.standing import Proved

app = typer.Typer(help="What can be done, and how well it is proved.", no_args_is_help=True)


@app.command("list")
def list_runbooks(
    context: typer.Context,
    search: Annotated[list[str] | None, typer.Argument(help="Words of a symptom, as somebody says them.")] = None,
    as_json: Json = False,
) -> None:
    """All runbooks, or those for a symptom, the best first.

    Example: msp-ops runbooks list disk full
    """
    from msp_ops.domain.symptoms import fitting
    from msp_ops.journeys.standing import proved

    files, words = files_of(context), " ".join(search or ())
    found = [proved(files, book) for book in fitting(files.library.values(), words)]
    if as_json:
        emit([_as_json(each) for each in found])
        return
    rows(
        ("runbook", "for", "impact", "grade", "title"),
        ((b.id, b.activity, b.impact, each.standing.grade, b.title) for each in found for b in (each.runbook,)),
        f"no runbook knows {words!r}",
    )
    if any(each.rehearsals.mistakes for each in found):
        say("Some rehearsals have mistakes, and count for nothing: msp-ops runbooks validate", "yellow")


@app.command("show")
def show_runbook(
    context: typer.Context,
    runbook: Annotated[str, typer.Argument(help="Its id.", autocompletion=complete.runbooks)],
    as_json: Json = False,
) -> None:
    """One runbook: risk, parameters, steps with their conditions, proof, rehearsals, and what its next grade needs.

    Example: msp-ops runbooks show patch-linux
    """
    from msp_ops.cli.runbook_view import show_runbook as show
    from msp_ops.journeys.standing import proved

    files = files_of(context)
    book = files.runbook(runbook)
    found = proved(files, book)
    if as_json:
        emit(_as_json(found))
        return
    show(book)
    out.print(f"The client reads: {shown(book.client_sentence)}")
    _show_standing(found)
    out.print(f"Digest: {book.digest[:16]}")
    next_step(f"msp-ops run {book.id} CLIENT/HOST --check")


def _show_standing(found: "Proved") -> None:
    out.print(f"Grade: {found.standing.grade}")
    for rehearsal in found.rehearsals.sound:
        out.print(f"  {rehearsal.proves:12}  {shown(rehearsal.name)}: {shown(rehearsal.title)}")
    for why in found.standing.missing:
        out.print(f"  {found.standing.next_grade} needs: {shown(why)}")


def _as_json(found: "Proved") -> dict[str, object]:
    from msp_ops.cli.runbook_view import ticket_words
    from msp_ops.domain.binding import expected

    book = found.runbook
    return {
        **_fields(book),
        "parameters": {name: {**_fields(each), "fits": expected(each)} for name, each in book.parameters.items()},
        "ticket_needed": ticket_words(book),
        "grade": found.standing.grade,
        "next_grade": found.standing.next_grade,
        "missing": found.standing.missing,
        "rehearsals": [{"name": one.name, "title": one.title, "proves": one.proves} for one in found.rehearsals.sound],
    }


def _fields(value: "Runbook | Parameter") -> dict[str, object]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


app.command("validate")(rehearse.validate_runbooks)
app.command("rehearse")(rehearse.rehearse_runbooks)
app.command("accept")(accept_runbooks.accept_runbooks)
app.command("diff")(accept_runbooks.show_differences)
app.command("new")(new_runbook.new_runbook)
app.command("prove")(new_runbook.prove_runbook)
