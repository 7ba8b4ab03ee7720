"""`clients import`: hosts of an Ansible inventory, an ssh_config or a table, into clients' files."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.context import files_of
from msp_ops.cli.talk import Json, Yes, confirm, emit, next_step, rows, say
from msp_ops.domain.errors import PlanError
from msp_ops.domain.wording import listed

if TYPE_CHECKING:
    from msp_ops.files.import_draft import Remark
    from msp_ops.journeys.import_clients import ClientChange, ImportPlan

MOST_PLACES = 5
COLOURS = {"left out": "red", "contradicts": "red", "not taken over": "yellow", "secret": "yellow"}


def import_clients(  # noqa: PLR0913, PLR0917  # the options of a command
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An Ansible inventory (file or folder), an ssh_config or a CSV table.")],
    kind: Annotated[
        Literal["ansible", "ssh-config", "csv"] | None, typer.Option("--from", help="Guessed where it is not said.")
    ] = None,
    client: Annotated[str | None, typer.Option(help="Whose hosts these are: a client's id, new or known.")] = None,
    by_group: Annotated[
        list[str] | None, typer.Option("--by-group", metavar="GROUP=ID", help="Hosts of this group are that client's.")
    ] = None,
    each_group: Annotated[bool, typer.Option("--each-group", help="Each group right below `all` is a client.")] = False,
    name: Annotated[str | None, typer.Option(help="A new client's name, as it reads it.")] = None,
    zone: Annotated[str | None, typer.Option(help="A new client's time zone, such as Europe/Berlin.")] = None,
    currency: Annotated[str | None, typer.Option(help="A new client's currency, such as EUR.")] = None,
    site: Annotated[str | None, typer.Option(help="The site of hosts reached directly; else the first.")] = None,
    short: Annotated[bool, typer.Option("--short-names", help="web1 for web1.acme.example, if only one is.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only look: nothing is written.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take in the hosts that an inventory has; nothing that stands in a client's file is changed.

    Everything that was not understood is told before anything is written. Secrets are neither written nor shown.
    Example: msp-ops clients import hosts.ini --client acme --zone Europe/Berlin --currency EUR
    """
    from msp_ops.journeys.import_clients import Order, plan_import
    from msp_ops.journeys.import_sources import take

    order = Order(
        client=client, by_group=_pairs(by_group or []), each_group=each_group, name=name, zone=zone,
        currency=currency, site=site, short=short,
    )  # fmt: skip
    taken = take(file, kind)
    plan = plan_import(files_of(context), taken.found, taken.tops, order)
    emit(_as_json(plan, taken.kind)) if as_json else _show(plan, taken.kind)
    if not plan.is_nothing and not check:
        _write(plan, yes=yes)
    if plan.leaves_out or plan.is_empty:
        raise typer.Exit(exit_codes.SOME_FAILED)


def _write(plan: "ImportPlan", *, yes: bool) -> None:
    from msp_ops.journeys.import_clients import carry_out

    confirm(f"Write {listed(str(change.path) for change in plan.changes if not change.is_nothing)}?", yes=yes)
    for path in carry_out(plan):
        say(f"Wrote {path}.", "green")
    next_step("msp-ops validate")
    next_step(f"msp-ops hosts trust {plan.changes[0].client}/all")


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        group, equals, client = word.partition("=")
        if not (group and equals and client):
            raise PlanError(f"--by-group {word}: right is GROUP=CLIENT, such as customer_acme=acme")
        pairs[group] = client
    return pairs


def _show(plan: "ImportPlan", kind: str) -> None:
    rows(
        ("client", "site", "host", "address", "port", "user", "gateway", "roles"),
        [row for change in plan.changes for row in _new_hosts(change)],
        "nothing new",
    )
    for change in plan.changes:
        new = sum(len(site.hosts) for site in change.addition.sites)
        said = f"{new} hosts to add, {len(change.known)} there already" if new else "nothing new"
        say(f"{change.client}{' (a new client)' if change.before is None else ''}: {said}.")
    for remark in plan.remarks:
        say(_words(remark), COLOURS.get(remark.verdict, ""))
    if plan.is_empty:
        say(f"No host was found in it, read as {kind}; --from says what else it is.", "yellow")


def _words(remark: "Remark") -> str:
    places = [*remark.where[:MOST_PLACES], *(["..."] if remark.where[MOST_PLACES:] else [])]
    where = f" ({', '.join(places)})" if places else ""
    hosts = f", {listed(remark.hosts)}" if remark.hosts else ""
    todo = f"; {remark.todo}" if remark.todo else ""
    return f"{remark.verdict}: {remark.what}{hosts}{where}: {remark.why}{todo}"


def _new_hosts(change: "ClientChange") -> Iterator[tuple[str, ...]]:
    from msp_ops.journeys.import_clients import client_of

    client = client_of(change)
    new = {str(host["id"]) for site in change.addition.sites for host in site.hosts}
    for site in client.sites:
        gateway = site.gateway.address if site.gateway else ""
        for host in site.hosts:
            if host.id in new:
                user = client.credentials[host.credential].user
                roles = ", ".join(host.roles)
                yield client.id, site.id, host.id, host.address, str(host.port), user, gateway, roles


def _as_json(plan: "ImportPlan", kind: str) -> dict[str, object]:
    changes = [
        {
            "client": change.client,
            "file": change.path,
            "is_new": change.before is None,
            "sites": [{**site.site, "is_new": site.is_new, "hosts": site.hosts} for site in change.addition.sites],
            "credentials": dict(change.addition.credentials),
            "known": change.known,
        }
        for change in plan.changes
    ]
    return {"from": kind, "clients": changes, "remarks": plan.remarks}
