"""msp-ops lab: practice hosts, real and throw-away."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from msp_ops.lab.errors import LabError

if TYPE_CHECKING:
    from msp_ops.lab.lab import Lab

app = typer.Typer(
    no_args_is_help=True, help="Practice hosts: real throw-away Debian machines on this one (needs root)."
)

Dir = Annotated[
    Path | None,
    typer.Option("--dir", envvar="MSP_OPS_LAB", help="The lab's folder; labs of different folders live side by side."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Hosts = Annotated[list[str] | None, typer.Argument(help="Their names; without one, the five of the sample inventory.")]


def _say(line: str) -> None:
    typer.echo(f"lab: {line}", err=True)


def _lab(folder: Path | None) -> "Lab":
    from msp_ops.lab.lab import Lab, default_folder  # `msp-ops --help` must not load it

    return Lab.at((folder or default_folder()).absolute(), say=_say)


@contextlib.contextmanager
def _saying_why() -> Iterator[None]:
    """What a person can act on is said in one piece, with exit code 2."""
    try:
        yield
    except LabError as problem:
        typer.echo(f"msp-ops lab: {problem}", err=True)
        raise typer.Exit(2) from problem


@app.command()
def up(
    hosts: Hosts = None,
    folder: Dir = None,
    size: Annotated[int, typer.Option("--size", min=64, help="Disk of each host, in MB of memory.")] = 256,
    yes: Yes = False,
) -> None:
    """Start practice hosts, after saying what that makes.

    Examples:
      msp-ops lab up
      msp-ops lab up acme-web1 --yes
      msp-ops lab exec -- ssh -i ~/.cache/msp-ops/lab/run/id_ed25519 ops@10.77.0.11

    """
    from msp_ops.lab.hosts import named  # see _lab

    with _saying_why():
        chosen = named(hosts or [])
        lab = _lab(folder)
        for line in lab.plan(chosen):
            typer.echo(line, err=True)
        _confirm(yes)
        lab.up(chosen, size_mb=size)
        _say(f"{len(chosen)} hosts answer to 'msp-ops lab exec'; login key and pins are in {lab.folder.run}")


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise LabError("there is nobody to ask: add --yes to agree to the above")
    typer.confirm("Go ahead?", abort=True, err=True)


@app.command()
def status(folder: Dir = None, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Each practice host: running or off, how often it booted, what is broken on purpose."""
    with _saying_why():
        lab = _lab(folder)
        found = lab.status() if lab.is_up() else []
    if as_json:
        typer.echo(json.dumps({"folder": str(lab.folder.path), "hosts": [asdict(host) for host in found]}, indent=1))
        return
    for host in found:
        broken = f"  faults: {', '.join(host.faults)}" if host.faults else ""
        typer.echo(
            f"{host.name:<18}{host.address:<13}{'running' if host.running else 'off':<9}boots: {host.boots}{broken}"
        )
    if not found:
        typer.echo(f"The lab in {lab.folder.path} is not up.")


@app.command("exec", context_settings={"ignore_unknown_options": True})
def exec_(command: Annotated[list[str], typer.Argument(help="The command and its words.")], folder: Dir = None) -> None:
    """Run a command where the hosts' addresses answer, and nothing else does.

    Example: msp-ops lab exec -- msp-ops run audit-health acme/web1
    """
    with _saying_why():
        _become(_lab(folder).exec_argv(command))


@app.command(context_settings={"ignore_unknown_options": True})
def sh(
    host: Annotated[str, typer.Argument(help="Its name, as acme-web1.")],
    command: Annotated[list[str] | None, typer.Argument(help="Without one, a shell.")] = None,
    folder: Dir = None,
) -> None:
    """Run a command as root inside a host, around its network and its login."""
    with _saying_why():
        _become(_lab(folder).inside_argv(host, command or ["bash", "-l"]))


def _become(argv: list[str]) -> NoReturn:
    try:
        os.execvp(argv[0], argv)  # noqa: S606  # the command must own this terminal and this process id
    except OSError as problem:
        raise LabError(f"{argv[0]}: {problem.strerror}") from problem


@app.command(context_settings={"ignore_unknown_options": True})
def fault(
    host: Annotated[str, typer.Argument(help="Its name, as acme-web1; or 'list'.")],
    kind: Annotated[str | None, typer.Argument(help="What to break; 'clear' to undo.")] = None,
    argument: Annotated[str | None, typer.Argument(help="The fault's argument; for 'clear' the one to undo.")] = None,
    folder: Dir = None,
) -> None:
    """Break a host on purpose, or undo that.

    Examples:
      msp-ops lab fault list
      msp-ops lab fault acme-web1 disk-full 96
      msp-ops lab fault acme-web1 clock-skew -2d
      msp-ops lab fault acme-web1 clear

    """
    with _saying_why():
        _refuse_options(host, kind or "", argument or "")
        if kind is None:
            _list_faults(host)
        elif kind == "clear":
            _lab(folder).clear(host, argument)
        else:
            _lab(folder).fault(host, kind, argument)


def _refuse_options(host: str, kind: str, argument: str) -> None:
    """An argument may begin with one dash, as -2d; whatever else does was meant as an option."""
    for word, sign in ((host, "-"), (kind, "-"), (argument, "--")):
        if word.startswith(sign):
            raise LabError(f"there is no option {word}; 'msp-ops lab fault --help' shows what there is")


def _list_faults(word: str) -> None:
    from msp_ops.lab.faults import FAULTS  # see _lab

    if word != "list":
        raise LabError(f"what shall happen to {word}? 'msp-ops lab fault list' shows what can")
    for each in FAULTS.values():
        argument = f" [{each.means}: {each.default}]" if each.means else ""
        typer.echo(f"{each.kind:<17}{each.does}{argument}")


@app.command()
def reset(host: Annotated[str, typer.Argument(help="Its name, as acme-web1.")], folder: Dir = None) -> None:
    """Throw away everything that was changed on a host and boot it again, in about a second."""
    with _saying_why():
        _lab(folder).reset(host)


@app.command()
def down(
    folder: Dir = None,
    purge: Annotated[bool, typer.Option("--purge", help="Also remove keys, folder and cached roots.")] = False,
) -> None:
    """End the practice hosts and remove what 'up' made, and nothing else."""
    with _saying_why():
        _lab(folder).down(purge=purge)
