"""`init` and `validate`: a workspace, and whether what people wrote can be meant."""

from pathlib import Path
from typing import Annotated

import typer

from msp_ops.cli.context import files_of
from msp_ops.cli.talk import Json, emit, next_step, say
from msp_ops.domain.errors import FileError


def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    name: Annotated[str, typer.Option(help="The name of your company, as clients read it.")],
    contact: Annotated[str, typer.Option(help="Where clients write to.")],
) -> None:
    """Make a workspace: msp.yaml and the folder for clients.

    Example: msp-ops init ~/msp --name "Northwind IT" --contact help@northwind.example
    """
    from msp_ops.domain.msp import Msp
    from msp_ops.files.scaffold import create_workspace

    create_workspace(folder, Msp(name=name, contact=contact))
    say(f"Made the workspace {folder}.")
    next_step(f"msp-ops -w {folder} clients add acme --name 'Acme Dental' --zone Europe/Berlin --currency EUR")


def validate(context: typer.Context, as_json: Json = False) -> None:
    """Read every file and say what cannot be meant, as file:line:col.

    Example: msp-ops validate
    """
    from msp_ops.files.export_file import load_export_map, remarks_on

    workspace = files_of(context)
    mistakes = [str(each) for each in workspace.mistakes.values()]
    remarks = [*workspace.remarks()]
    try:
        people = [person.name for person in workspace.msp.people]
        remarks += remarks_on(load_export_map(workspace.root), workspace.clients, people)
    except FileError as mistake:
        mistakes.append(str(mistake))
    if as_json:
        emit({"clients": sorted(workspace.clients), "mistakes": mistakes, "remarks": remarks})
    if mistakes:
        raise FileError("\n".join(mistakes))
    for remark in remarks:
        say(f"Note: {remark}", "yellow")
    hosts = sum(len(list(client.hosts())) for client in workspace.clients.values())
    say(f"{len(workspace.clients)} clients, {hosts} hosts, {len(workspace.library)} runbooks: all well.", "green")
