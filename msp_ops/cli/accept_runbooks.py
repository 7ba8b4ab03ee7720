"""`runbooks accept` and `diff`: what schedules use changes when a person has read what is different."""

from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import complete
from msp_ops.cli.context import files_of, settings_of
from msp_ops.cli.talk import Yes, confirm, next_step, out, say, shown, who_am_i
from msp_ops.domain.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msp_ops.domain.runbook import Runbook
    from msp_ops.files.workspace import Workspace

Named = Annotated[
    list[str] | None,
    typer.Argument(help="Runbooks by id; without it, all that are not as accepted.", autocompletion=complete.runbooks),
]


def accept_runbooks(
    context: typer.Context,
    runbooks: Named = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that were never accepted.")] = False,
    yes: Yes = False,
) -> None:
    """Let schedules use the library's version of a runbook, after its differences were shown.

    A runbook that was accepted once runs on schedules as it was then, whatever msp-ops brings, until a person accepts
    another version. One that never was runs as it is in the library.

    Example: msp-ops runbooks accept patch-linux
    """
    from msp_ops.domain.acceptance import Acceptance
    from msp_ops.engine.system_clock import SystemClock
    from msp_ops.files.accepted import accept

    files = files_of(context)
    chosen = _chosen(files, runbooks, every=every)
    _show_all(files, chosen)
    if not chosen:
        say("Every accepted runbook is as the library has it.", "green")
        return
    confirm(f"Accept {', '.join(book.id for book in chosen)} for schedules?", yes=yes)
    for book in chosen:
        word = Acceptance(digest=book.digest, by=who_am_i(), at=SystemClock().now())
        accept(settings_of(context).workspace, book, word)
        say(f"Accepted {book.id} {book.digest[:16]}.", "green")
    next_step("msp-ops schedules list")


def show_differences(context: typer.Context, runbooks: Named = None) -> None:
    """What is different between the accepted version of a runbook, which schedules use, and the library's.

    Example: msp-ops runbooks diff patch-linux
    """
    files = files_of(context)
    chosen = _chosen(files, runbooks, every=False)
    _show_all(files, chosen)
    if chosen:
        next_step(f"msp-ops runbooks accept {' '.join(book.id for book in chosen)}")
    else:
        say("Every accepted runbook is as the library has it.", "green")


def _chosen(files: "Workspace", named: list[str] | None, *, every: bool) -> list["Runbook"]:
    if named and every:
        raise PlanError("name runbooks, or say --all; both cannot be meant")
    books = [files.runbook(name) for name in named or (files.library if every else files.outdated())]
    return [book for book in books if book.id not in files.accepted or files.accepted[book.id].digest != book.digest]


def _show_all(files: "Workspace", books: "Sequence[Runbook]") -> None:
    """What several of them share is shown once: nobody reads the same lines thirty times."""
    seen: dict[tuple[str, ...], str] = {}
    for book in books:
        _show(files, book, seen)


def _show(files: "Workspace", book: "Runbook", seen: dict[tuple[str, ...], str]) -> None:
    from msp_ops.files.accepted import differences

    old = files.accepted.get(book.id)
    was = f"accepted {old.digest[:16]}" if old else "never accepted"
    out.print(f"[bold]{book.id}[/bold]: {was}, now {book.digest[:16]}")
    if old is None:
        return
    for name, lines in differences(old, book):
        where = seen.setdefault((name, *lines[2:]), book.id)
        if where == book.id:
            _show_lines(lines)
        else:
            out.print(shown(f"{name}: changed as in {where}"))


def _show_lines(lines: "Sequence[str]") -> None:
    for line in lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        out.print(shown(line), style=style, soft_wrap=True)
