"""Data goes to standard output, talk to standard error; colour only on a terminal."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.markup import render
from rich.table import Table
from typing_extensions import override

from msp_ops.cli import exit_codes
from msp_ops.cli.as_json import as_json
from msp_ops.domain.errors import FileError, MspOpsError, NotPermitted, PlanError
from msp_ops.domain.wording import did_you_mean

Word = TypeVar("Word", bound=str)
_BRACKET = re.compile(r"(\\*)(\[[a-z#/@][^[]*?\]|\[|\Z)")  # rich's own idea of a tag, any other bracket, the end
_APART = "[none][/none]"  # nothing is shown; what follows makes no tag with what stands before


class Voice(Console):
    """A console that leaves quietly when its reader has left: `| head -1` is no mistake of anybody."""

    @override
    def on_broken_pipe(self) -> NoReturn:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())  # what is still held back must have somewhere to go at the end
        raise SystemExit(exit_codes.NOBODY_READS)

    def put(self, markup: str) -> None:
        """One line; where nobody sees colours it goes past rich, which takes 0.14 ms for each.

        A pipe whose reader has left and a terminal that was closed are the same: nobody reads.
        """
        try:
            if self.is_terminal:
                self.print(markup)
            else:
                self.file.write(f"{render(markup).plain}\n")
        except OSError:
            self.on_broken_pipe()


out = Voice(soft_wrap=True, highlight=False, emoji=False)
err = Voice(stderr=True, soft_wrap=True, highlight=False, emoji=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def emit(value: Any) -> None:  # noqa: ANN401  # any value of the domain
    """One JSON value on standard output; letters as they are, what could steer a terminal as its number."""
    text = json.dumps(as_json(value), ensure_ascii=False)
    _write("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text))


def tell(text: str) -> None:
    """A line of data on standard output, never wrapped or coloured."""
    _write(visible(text))


def _write(line: str) -> None:
    """Not through rich: it is slow with long lines."""
    try:
        typer.echo(line)
    except BrokenPipeError:
        out.on_broken_pipe()


def rows(titles: Sequence[str], lines: Iterable[Sequence[str]], empty: str) -> None:
    """A plain table; `empty` when there is nothing to show."""
    lines = [tuple(map(visible, line)) for line in lines]
    if not lines:
        out.print(shown(empty))
        return
    if not out.is_terminal:
        _plain_rows(titles, lines)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(*(escaped(cell) for cell in line))
    out.print(table)


def _plain_rows(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """For pipes: aligned, never wrapped, whatever the width."""
    widths = [max(len(line[at]) for line in (titles, *lines)) for at in range(len(titles))]
    for line in (titles, *lines):
        _write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say(text: str, style: str = "") -> None:
    """One line of talk; text of hosts and files is shown as it is, control characters made visible."""
    err.put(f"[{style}]{shown(text)}[/{style}]" if style else shown(text))


def complain(error: MspOpsError, lead: str = "Error") -> None:
    """What we say of files and requests keeps its lines; into every other error a host may have spoken."""
    text = f"{lead}: {error}"
    for line in text.split("\n") if isinstance(error, FileError | PlanError) else [text]:
        say(line, "red")


def visible(text: str) -> str:
    r"""Control characters as \\x1b, a new line as \\n: a host must neither steer the terminal nor forge a line."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def shown(text: str) -> str:
    """`visible`, to stand inside of rich's markup."""
    return escaped(visible(text))


def escaped(text: str) -> str:
    r"""As rich's markup, each backslash kept: rich's own `escape` loses that of `\[1]` and one of two at the end."""
    markup = _BRACKET.sub(_escaped, text)
    return f"{markup}{_APART}" if "[" in text or text.endswith("\\") else markup


def _escaped(found: re.Match[str]) -> str:
    backslashes, bracket = found.groups()
    match bracket:
        case "":
            return backslashes * 2
        case "[":
            return f"{backslashes}\\["
        case _:
            return f"{backslashes * 2}\\{bracket}"


def next_step(command: str) -> None:
    """The command that usually comes next."""
    err.print(f"Next: [bold]{shown(command)}[/bold]")


def confirm(question: str, *, yes: bool) -> None:
    """Ask on a terminal; without one only --yes answers. NotPermitted when the answer is no."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotPermitted(f"{question} Nobody is here to answer; add --yes")
    if not typer.confirm(visible(question), err=True):
        raise NotPermitted("not confirmed; nothing was done")


def confirm_by_name(question: str, name: str, *, yes: bool) -> None:
    """As `confirm`, and only the name itself is a yes."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotPermitted(f"{question} Nobody is here to answer; add --yes")
    if typer.prompt(visible(f"{question} Type {name} to go on"), err=True, default="", show_default=False) != name:
        raise NotPermitted("not confirmed; nothing was done")


def choose(question: str, words: Sequence[Word]) -> Word | None:
    """One of the words, asked again until it is one; None without a terminal. NotPermitted when nothing is said."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    while True:
        said = typer.prompt(visible(f"{question} ({', '.join(words)})"), err=True, default="", show_default=False)
        chosen = next((word for word in words if word == said.strip()), None)
        if chosen or not said:
            break
        say(f"'{said}' is none of them{did_you_mean(said, words)}")
    if chosen is None:
        raise NotPermitted("nothing was chosen; nothing was done")
    return chosen


def who_am_i() -> str:
    """The person at the keyboard as the system knows them; only root may act for somebody, as sudo says."""
    import pwd

    uid = os.getuid()
    if uid == 0:
        with suppress(KeyError, ValueError):
            return pwd.getpwuid(int(os.environ["SUDO_UID"])).pw_name
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return f"uid {uid}"


Command = Callable[..., None]
