"""What every command knows: the workspace that was named, or found."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from msp_ops.cli.memory import keep_what_is_loaded
from msp_ops.wiring import Settings, load_files, open_workspace, read_settings

if TYPE_CHECKING:
    from msp_ops.files.workspace import Workspace
    from msp_ops.journeys.parts import Parts


def settings_of(context: typer.Context) -> Settings:
    """FileError when there is no workspace."""
    named: Path | None = context.find_root().params.get("workspace")
    return read_settings(named)


def files_of(context: typer.Context) -> "Workspace":
    """The workspace's files, read once for a command; the store is not opened."""
    root = context.find_root()
    if root.obj is None:
        root.obj = load_files(settings_of(context))
    files: Workspace = root.obj
    return files


@contextmanager
def parts_of(context: typer.Context) -> Iterator["Parts"]:
    """Everything, and a word about runs that somebody must look at."""
    with open_workspace(settings_of(context), files_of(context)) as parts:
        keep_what_is_loaded()
        from msp_ops.cli.leftovers import tell_leftovers

        tell_leftovers(parts)
        yield parts
