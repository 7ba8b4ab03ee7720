"""Which hosts a pattern names: Ansible's syntax over host ids, site ids and roles.

`all`, `web1`, `web*`, `praxis`; `a:b` or `a,b` both; `a:&b` what is in both; `a:!b` without b. As in Ansible the plain
parts are joined first, then narrowed by every `&`, then by every `!`. Unlike in Ansible nothing falls back to `all`.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from msp_ops.domain.client import Client, Host
from msp_ops.domain.errors import PlanError
from msp_ops.domain.wording import did_you_mean, listed


def select_hosts(client: Client, pattern: str) -> tuple[Host, ...]:
    """The hosts in the order of the file, at least one; PlanError names what the client has."""
    parts = [part.strip() for part in re.split(r"[:,]", pattern)]
    groups = host_groups(client)
    begin = [part for part in parts if not part.startswith(("&", "!"))]
    if not begin or not all(part.lstrip("&!") for part in parts):
        raise PlanError(
            f"'{pattern}' does not say which hosts of {client.id}; {_known(client)}; for every host write all"
        )
    chosen = set[str]().union(*(_named(client, groups, part) for part in begin))
    for part in parts:
        if part.startswith("&"):
            chosen &= _named(client, groups, part[1:])
    for part in parts:
        if part.startswith("!"):
            chosen -= _named(client, groups, part[1:])
    if not chosen:
        raise PlanError(f"'{pattern}' leaves no host of {client.id}; {_known(client)}")
    return tuple(host for host in client.hosts() if host.id in chosen)


def host_groups(client: Client) -> dict[str, frozenset[str]]:
    """Every name a pattern may use, with the ids of its hosts: `all`, sites, roles, hosts."""
    groups: dict[str, set[str]] = {"all": set()}
    for site in client.sites:
        for host in site.hosts:
            for name in ("all", site.id, *host.roles, host.id):
                groups.setdefault(name, set()).add(host.id)
    return {name: frozenset(ids) for name, ids in groups.items()}


def _named(client: Client, groups: Mapping[str, frozenset[str]], name: str) -> frozenset[str]:
    matching = [ids for known, ids in groups.items() if known == name or fnmatchcase(known, name)]
    if not matching:
        raise PlanError(f"{client.id} has no host '{name}'; {_known(client)}{did_you_mean(name, groups)}")
    return frozenset[str]().union(*matching)


def _known(client: Client) -> str:
    sites = [site.id for site in client.sites]
    roles = {role: None for host in client.hosts() for role in host.roles}
    return f"hosts: {listed(host.id for host in client.hosts())}; sites: {listed(sites)}; roles: {listed(roles)}"
