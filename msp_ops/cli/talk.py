"""Data goes to standard output, talk to standard error; colour only on a terminal."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from msp_ops.cli.as_json import as_json
from msp_ops.domain.errors import NotPermitted

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def emit(value: Any) -> None:  # noqa: ANN401  # any value of the domain
    """One JSON value on standard output."""
    typer.echo(json.dumps(as_json(value), ensure_ascii=False))


def rows(titles: Sequence[str], lines: Iterable[Sequence[str]], empty: str) -> None:
    """A plain table; `empty` when there is nothing to show."""
    lines = [tuple(line) for line in lines]
    if not lines:
        out.print(escape(empty))
        return
    if not out.is_terminal:
        _plain_rows(titles, lines)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(*(escape(cell) for cell in line))
    out.print(table)


def _plain_rows(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """For pipes: aligned, never wrapped, whatever the width."""
    widths = [max(len(line[at]) for line in (titles, *lines)) for at in range(len(titles))]
    for line in (titles, *lines):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say(text: str, style: str = "") -> None:
    """A line of talk; text of hosts and files is shown as it is, control characters made visible."""
    err.print(escape(visible(text)), style=style)


def visible(text: str) -> str:
    r"""Control characters as \\x1b and the like: a hostile host must not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)


def next_step(command: str) -> None:
    """The command that usually comes next."""
    err.print(f"Next: [bold]{escape(command)}[/bold]")


def confirm(question: str, *, yes: bool) -> None:
    """Ask on a terminal; without one only --yes answers. NotPermitted when the answer is no."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotPermitted(f"{question} Nobody is here to answer; add --yes")
    if not typer.confirm(question, err=True):
        raise NotPermitted("not confirmed; nothing was done")


def who_am_i() -> str:
    """The person at the keyboard, also behind sudo."""
    import getpass

    return os.environ.get("SUDO_USER") or getpass.getuser()


Command = Callable[..., None]
