"""What must fit together within one client's file."""

from collections.abc import Iterable
from typing import TypeVar

from msp_ops.domain.client import Client, Gateway, Host
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.contract_rules import check_contracts
from msp_ops.files.document import Document, Where
from msp_ops.files.twins import way_to

T = TypeVar("T")
Placed = list[tuple[list[str | int], T]]


def check_client(document: Document, client: Client) -> None:
    """Complains of everything that cannot be meant; what schedules need is looked at in `schedule_rules`."""
    hosts = _hosts(client)
    _check_ids(document, client)
    _check_names(document, client, hosts)
    _check_addresses(document, client)
    _check_credentials(document, client, hosts)
    check_contracts(document, client)
    for number, freeze in enumerate(client.freezes):
        if freeze.last_day < freeze.first_day:
            document.complain(["freezes", number, "last_day"], f"last_day lies before first_day {freeze.first_day}")
    if client.policy.disk_critical_percent <= client.policy.disk_warning_percent:
        document.complain(
            ["policy"], f"disk_critical_percent must be above disk_warning_percent; found {_percents(client)}"
        )


def _percents(client: Client) -> str:
    return f"{client.policy.disk_critical_percent} and {client.policy.disk_warning_percent}"


def _hosts(client: Client) -> Placed[Host]:
    return [
        (["sites", number, "hosts", place], host)
        for number, site in enumerate(client.sites)
        for place, host in enumerate(site.hosts)
    ]


def _check_ids(document: Document, client: Client) -> None:
    for part in ("sites", "contracts", "offers", "windows", "schedules"):
        check_unique(
            document, [([part, n, "id"], one.id) for n, one in enumerate(getattr(client, part))], f"{part[:-1]} id"
        )


def check_unique(document: Document, placed: Iterable[tuple[Where, str]], what: str) -> None:
    """Complains of the second and every later one of equal names."""
    lines: dict[str, int] = {}
    for where, name in placed:
        line = document.nearest(where).mark[0]
        if name in lines:
            document.complain(where, f"{what} '{name}' is taken in line {lines[name]}; each needs its own")
        lines.setdefault(name, line)


def _check_names(document: Document, client: Client, hosts: Placed[Host]) -> None:
    """A word in a host pattern means one thing."""
    check_unique(document, [([*where, "id"], host.id) for where, host in hosts], "host id")
    sites, roles = {site.id for site in client.sites}, {role for _, host in hosts for role in host.roles}
    for where, host in hosts:
        if host.id in sites | roles | {"all"}:
            document.complain(
                [*where, "id"], f"'{host.id}' already names a site, a role or all hosts; choose another id"
            )
        for number, role in enumerate(host.roles):
            if role in sites | {"all"}:
                document.complain(
                    [*where, "roles", number], f"'{role}' already names a site or all hosts; choose another role"
                )
    for number, site in enumerate(client.sites):
        if site.id == "all":
            document.complain(["sites", number, "id"], "'all' names all hosts in a pattern; choose another id")


def _check_addresses(document: Document, client: Client) -> None:
    """Behind another gateway the same address is another machine."""
    behind: dict[str, list[tuple[Where, str]]] = {}
    for number, site in enumerate(client.sites):
        for place, host in enumerate(site.hosts):
            gateway, address, port = way_to(site, host)
            where: Where = ["sites", number, "hosts", place, "address"]
            behind.setdefault(gateway, []).append((where, f"{address} port {port}"))
    for placed in behind.values():
        check_unique(document, placed, "the address")


def _check_credentials(document: Document, client: Client, hosts: Placed[Host]) -> None:
    by_ticket = {host.credential for _, host in hosts if host.transport == "winrm" and host.winrm.auth == "kerberos"}
    for name, credential in client.credentials.items():
        if name not in by_ticket and not (credential.key or credential.password or credential.agent):
            document.complain(["credentials", name], f"{name} cannot log in: add key, password or agent: yes")
        if credential.passphrase and not credential.key:
            document.complain(["credentials", name, "passphrase"], "a passphrase opens a key; add key or remove it")
    gateways: Placed[Gateway] = [
        (["sites", number, "gateway"], site.gateway) for number, site in enumerate(client.sites) if site.gateway
    ]
    owners: Placed[Host | Gateway] = [*hosts, *gateways]
    for where, owner in owners:
        if owner.credential not in client.credentials:
            known = listed(client.credentials)
            hint = did_you_mean(owner.credential, client.credentials)
            said = document.node([*where, "credential"])
            words = "there is no credential" if said else "no credential is named here and there is none called"
            document.complain([*where, "credential"], f"{words} '{owner.credential}'; credentials: {known}{hint}")
