"""`store`: the record itself."""

from pathlib import Path
from typing import Annotated

import typer

from msp_ops.cli.context import settings_of
from msp_ops.cli.talk import say, tell

app = typer.Typer(help="The record itself: where runs, findings and time are kept.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(context: typer.Context) -> None:
    """Bring the store of an older msp-ops to this version, all of it or nothing. Stop every other msp-ops first.

    Example: msp-ops store upgrade
    """
    from msp_ops.store import upgrade_store

    upgrade_store(settings_of(context).store_url)
    say("The store is of this version.", "green")


@app.command("check")
def check(context: typer.Context) -> None:
    """Read every page of the store, and verify each client's chain of work records.

    Example: msp-ops store check
    """
    from msp_ops.wiring import open_workspace

    with open_workspace(settings_of(context)) as parts:
        parts.store.check()
        for client in parts.workspace.clients:
            head = parts.store.work.verify_chain(client)
            tell(f"{client}: {head.length} work records, chain ends in {head.hash[:16] or 'nothing'}")
    say("The store is whole.", "green")


@app.command("backup")
def backup(
    context: typer.Context,
    place: Annotated[Path, typer.Argument(help="A new file, or a folder: then its name says the time in UTC.")],
) -> None:
    """Copy the store while everybody goes on working: one moment of it, in one file, checked before it has its name.

    To bring it back: stop every msp-ops, take away the old store with its -wal and -shm, put the file in its place.
    Runs, time and findings since the backup are not in it.

    Example: msp-ops store backup /var/backups/msp-ops
    """
    from msp_ops.wiring import open_workspace

    with open_workspace(settings_of(context)) as parts:
        target = place / f"store-{parts.clock.now():%Y%m%d-%H%M%S}.db" if place.is_dir() else place
        parts.store.copy(target)
    tell(f"{target}")
