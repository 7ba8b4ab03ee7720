"""`clients`: whom we look after."""

from typing import Annotated

import typer

from msp_ops.cli import import_clients
from msp_ops.cli.context import files_of, settings_of
from msp_ops.cli.talk import Json, emit, next_step, rows, say

app = typer.Typer(help="Whom we look after.", no_args_is_help=True)
app.command("import")(import_clients.import_clients)


@app.command("list")
def list_clients(context: typer.Context, as_json: Json = False) -> None:
    """All clients of the workspace.

    Example: msp-ops clients list --json
    """
    clients = files_of(context).clients
    if as_json:
        emit(list(clients.values()))
        return
    rows(
        ("client", "name", "zone", "hosts", "contracts", "schedules"),
        (
            (
                client.id,
                client.name,
                client.timezone,
                str(len(list(client.hosts()))),
                ", ".join(contract.kind for contract in client.contracts),
                str(len(client.schedules)),
            )
            for client in clients.values()
        ),
        "no clients yet; msp-ops clients add",
    )


@app.command("add")
def add_client(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="A short id: lower-case letters, digits and dashes.")],
    name: Annotated[str, typer.Option(help="The client's name, as it reads it.")],
    zone: Annotated[str, typer.Option(help="Its time zone, such as Europe/Berlin.")],
    currency: Annotated[str, typer.Option(help="Three letters, such as EUR.")],
) -> None:
    """Write a first file for a new client; nothing is overwritten.

    Example: msp-ops clients add acme --name "Acme Dental" --zone Europe/Berlin --currency EUR
    """
    from msp_ops.files import scaffold

    root = settings_of(context).workspace
    path = scaffold.add_client(root, client, name=name, timezone=zone, currency=currency)
    say(f"Wrote {path}: fill in its hosts and its contract.")
    next_step("msp-ops validate")
