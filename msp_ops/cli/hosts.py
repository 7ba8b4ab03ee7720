"""`hosts`: the machines, their keys, and whether they are ready."""

from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.complete import clients, targets
from msp_ops.cli.context import files_of, parts_of
from msp_ops.cli.talk import Json, Yes, complain, confirm, emit, next_step, out, rows, say, shown
from msp_ops.domain.client import Client, Host
from msp_ops.domain.errors import NotReached

if TYPE_CHECKING:
    from msp_ops.journeys.host_check import HostCheck

app = typer.Typer(help="The machines, their pinned keys, and whether they are ready.", no_args_is_help=True)
Target = Annotated[
    str,
    typer.Argument(help="CLIENT/PATTERN: acme/web1, 'acme/web*', acme/all, 'acme/db:&praxis'.", autocompletion=targets),
]


@app.command("list")
def list_hosts(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="CLIENT/PATTERN; all of them without it.", autocompletion=targets)] = "",
    as_json: Json = False,
) -> None:
    """Hosts by pattern, as Ansible users know them.

    Examples: msp-ops hosts list · msp-ops hosts list 'acme/web*:!web2' --json
    """
    from msp_ops.journeys.targets import chosen

    workspace = files_of(context)
    found: list[tuple[Client, Host]]
    if target:
        client, picked = chosen(workspace, target)
        found = [(client, host) for host in picked]
    else:
        found = [(client, host) for client in workspace.clients.values() for host in client.hosts()]
    if as_json:
        emit([{"client": client.id, "site": client.site_of(host.id).id, "host": host} for client, host in found])
        return
    rows(
        ("host", "address", "site", "roles", "key"),
        (
            (
                f"{client.id}/{host.id}",
                f"{host.address}:{host.port}",
                client.site_of(host.id).id,
                ", ".join(host.roles),
                "pinned" if host.host_keys else "not pinned",
            )
            for client, host in found
        ),
        "no hosts",
    )


@app.command()
def trust(
    context: typer.Context,
    target: Target,
    replace: Annotated[bool, typer.Option("--replace", help="Also when another key is pinned.")] = False,
    yes: Yes = False,
) -> None:
    """Show the key that a host presents, and pin it on purpose.

    Compare the fingerprint with what the machine itself shows: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; of a
    Windows host it is its certificate (docs/windows.md).
    Example: msp-ops hosts trust acme/web1
    """
    from msp_ops.journeys.targets import chosen
    from msp_ops.journeys.trust import fingerprint_of, look_at_key, pin

    silent: NotReached | None = None
    with parts_of(context) as parts:
        client, hosts = chosen(parts.workspace, target)
        for host in hosts:
            try:
                presented = look_at_key(parts, client, host)
            except NotReached as problem:
                silent = problem
                complain(problem)
                continue
            shown = f"{client.id}/{host.id} ({host.address}) shows {fingerprint_of(presented.key)}"
            if presented.is_pinned:
                say(f"{shown}: pinned already.", "green")
                continue
            say(shown)
            confirm(f"Pin this key for {client.id}/{host.id}?", yes=yes)
            pin(parts, presented, replacing=replace)
            say("Pinned.", "green")
        next_step(f"msp-ops hosts check {target}")
    if silent:
        raise typer.Exit(exit_codes.of_error(silent))


@app.command()
def check(context: typer.Context, target: Target, as_json: Json = False) -> None:
    """Is everything there that a run needs: the way, login, sudo, tools, disk, clock, no second patch manager.

    Example: msp-ops hosts check acme/all
    """
    from msp_ops.domain.outcome import fold
    from msp_ops.journeys.host_check import check_hosts
    from msp_ops.journeys.targets import chosen

    with parts_of(context) as parts:
        client, hosts = chosen(parts.workspace, target)
        checked = []
        for each in check_hosts(parts, client, hosts):
            checked.append(each)
            if not as_json:
                _show_check(client, each)
    if as_json:
        emit(checked)
    worst = fold(each.outcome for each in checked)
    if not worst.is_good:
        raise typer.Exit(exit_codes.NOT_REACHED if worst.word == "not reached" else exit_codes.SOME_FAILED)


def _show_check(client: Client, check: "HostCheck") -> None:
    for looked in check.looked:
        mark = "[green]ok[/green]" if looked.outcome.is_good else f"[red]{looked.outcome.word}[/red]"
        out.print(f"{client.id}/{check.host_id}  {shown(looked.what)}: {mark} {shown(looked.said)}")


@app.command()
def forecast(context: typer.Context, target: Target, as_json: Json = False) -> None:
    """When will which disk be full, at the rate of the last 60 days? Read from what was measured; no host is asked.

    Example: msp-ops hosts forecast acme/all
    """
    from msp_ops.cli.growth_view import as_row
    from msp_ops.journeys.disk_growth import disk_growth
    from msp_ops.journeys.targets import chosen

    with parts_of(context) as parts:
        client, hosts = chosen(parts.workspace, target)
        found = disk_growth(parts, client, hosts, parts.clock.now())
    if as_json:
        emit([{"client": client.id, "host": host_id, "places": places} for host_id, places in found.items()])
        return
    rows(
        ("host", "place", "free", "a day", "full on"),
        (row for host_id, places in found.items() for row in as_row(f"{client.id}/{host_id}", places)),
        "no hosts",
    )


@app.command()
def unlock(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="Whose credentials were corrected.", autocompletion=clients)],
) -> None:
    """Credentials that this client's hosts refused were corrected: try them again now, not in an hour.

    Example: msp-ops hosts unlock acme
    """
    with parts_of(context) as parts:
        forgotten = parts.store.breaker.reset(parts.workspace.client(client).id)
    say(f"{forgotten} refusals of {client} are forgotten." if forgotten else f"No host of {client} refused a login.")
