"""`winrm`: what a real Windows host has to say to what was only believed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.complete import targets
from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, out, say, shown

if TYPE_CHECKING:
    from msp_ops.journeys.windows_selftest import Probed

app = typer.Typer(help="The wire to Windows hosts.", no_args_is_help=True)


@app.callback()
def of_windows() -> None:
    """The wire to Windows hosts."""


@app.command()
def selftest(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="CLIENT/HOST: acme/dc1.", autocompletion=targets)],
    transcript: Annotated[Path | None, typer.Option(help="Write what it said here, masked, as JSON.")] = None,
    idle: Annotated[
        bool, typer.Option("--idle", help="Also wait 150 s, as long as Windows lets a connection.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Try on a real Windows host what was never tried on one. Nothing is changed there.

    Example: msp-ops winrm selftest acme/dc1 --transcript dc1.json
    """
    from msp_ops.journeys.targets import chosen
    from msp_ops.journeys.windows_selftest import self_test

    found: list[Probed] = []
    with parts_of(context) as parts:
        client, hosts = chosen(parts.workspace, target)
        for host in hosts:
            for each in self_test(parts, client, host, idle=idle):
                found.append(each)
                if not as_json:
                    _show(each)
    if as_json:
        emit(found)
    if transcript:
        _write(transcript, found)
    if any(each.wrong for each in found):
        raise typer.Exit(exit_codes.SOME_FAILED)


def _show(each: "Probed") -> None:
    mark = f"[red]not as believed[/red] {shown(each.wrong)}" if each.wrong else "[green]ok[/green]"
    out.print(f"{shown(each.name)}: {mark} ({each.took.total_seconds():.1f} s)")


def _write(path: Path, found: "list[Probed]") -> None:
    import json

    from msp_ops.domain.canonical import plain
    from msp_ops.domain.errors import FileError

    try:
        path.write_text(
            json.dumps([plain(each) for each in found], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}; name another file with --transcript") from None
    say(f"{path} has what it said. Look for names of people and machines before you give it to anybody.")
