"""`runbooks`: what can be done."""

from typing import Annotated

import typer

from msp_ops.cli.context import files_of
from msp_ops.cli.talk import Json, emit, next_step, out, rows, shown
from msp_ops.domain.runbook import Runbook

app = typer.Typer(help="What can be done, and how it is proved.", no_args_is_help=True)


@app.command("list")
def list_runbooks(
    context: typer.Context,
    search: Annotated[str, typer.Argument(help="A word of a title or a symptom.")] = "",
    as_json: Json = False,
) -> None:
    """All runbooks, or those for a symptom.

    Example: msp-ops runbooks list "disk full"
    """
    library = [book for book in files_of(context).library.values() if _fits(book, search)]
    if as_json:
        emit(library)
        return
    rows(
        ("runbook", "for", "impact", "title"),
        ((book.id, book.activity, book.impact, book.title) for book in sorted(library, key=lambda book: book.id)),
        f"no runbook knows {search!r}",
    )


def _fits(book: Runbook, search: str) -> bool:
    words = " ".join((book.id, book.title, *book.symptoms)).lower()
    return all(word in words for word in search.lower().split())


@app.command("show")
def show_runbook(
    context: typer.Context, runbook: Annotated[str, typer.Argument(help="Its id.")], as_json: Json = False
) -> None:
    """One runbook: parameters, steps, proof.

    Example: msp-ops runbooks show patch-linux
    """
    book = files_of(context).runbook(runbook)
    if as_json:
        emit(book)
        return
    out.print(f"[bold]{shown(book.title)}[/bold]  ({book.activity}, {book.impact})")
    if book.symptoms:
        out.print(f"For: {shown('; '.join(book.symptoms))}")
    for step in book.steps:
        out.print(f"  step    {shown(step.name)}")
    for step in book.verify:
        out.print(f"  verify  {shown(step.name)}")
    for name, parameter in book.parameters.items():
        out.print(f"  --{name}  {shown(parameter.title)}")
    out.print(f"The client reads: {shown(book.client_sentence)}")
    out.print(f"Digest: {book.digest[:16]}")
    next_step(f"msp-ops run {book.id} CLIENT/HOST --check")
