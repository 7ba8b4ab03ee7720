"""The program's own commands, asked of the program: nothing is carried out."""

from collections.abc import Iterable, Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from msp_ops.cli.main import app

PLACEHOLDERS = {"RUNBOOK": "audit-health", "MONTH": "2026-11", "COMMAND": "validate", "HOST": "acme-web1"}
ROOT = typer.main.get_command(app)


def understood(words: Iterable[str]) -> tuple[str, ...]:
    """The command that these words name; raises what a person would be told about a word that does not fit."""
    left = [PLACEHOLDERS.get(word, word) for word in words if word != "--help"]
    command: Any = ROOT
    parent: Any = None
    path = ["msp-ops"]
    while True:
        context = command.make_context(path[-1], left, parent=parent)
        left = [*context._protected_args, *context.args] if isinstance(command, TyperGroup) else []
        if not left:
            return tuple(path[1:])
        name, command, left = command.resolve_command(context, left)
        path.append(name)
        parent = context


def all_commands(command: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command, as words; the runbooks below `run` are one."""
    if path == ("run",) or not isinstance(command, TyperGroup):
        yield path
        return
    for name, below in command.commands.items():
        yield from all_commands(below, (*path, name))
