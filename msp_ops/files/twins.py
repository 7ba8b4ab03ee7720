"""Hosts that may be one machine under two names: told as remarks, because only a person knows."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from msp_ops.domain.client import Client, Host, Site
from msp_ops.domain.wording import listed

Way = tuple[str, str, int]  # the gateway in front ("" for none), the address, the port


def way_to(site: Site, host: Host) -> Way:
    """What two hosts share when they are reached the same way; behind another gateway lies another network."""
    gateway = f"{site.gateway.address.lower()} port {site.gateway.port}" if site.gateway else ""
    return gateway, host.address.lower(), host.port


def remarks_on_twins(clients: Iterable[Client]) -> tuple[str, ...]:
    """One sentence for each way that leads to hosts of several clients, then for each host key of several machines."""
    ways: dict[Way, list[str]] = {}
    keys: dict[str, dict[Way, str]] = {}
    for client in clients:
        for site in client.sites:
            for host in site.hosts:
                way, name = way_to(site, host), f"{client.id}/{host.id}"
                ways.setdefault(way, []).append(name)
                for key in host.host_keys:
                    keys.setdefault(key, {}).setdefault(way, name)
    return tuple(chain(_same_way(ways), _same_key(keys)))


def _same_way(ways: Mapping[Way, list[str]]) -> Iterator[str]:
    for (gateway, address, port), names in ways.items():
        if len(names) > 1:
            behind = f" behind {gateway}" if gateway else ""
            yield (
                f"{listed(names)} have the same address {address} port {port}{behind}: if that is one machine, keep "
                f"one name of it; if not, say which gateway is in front of each"
            )


def _same_key(keys: Mapping[str, Mapping[Way, str]]) -> Iterator[str]:
    told = set()
    for names in keys.values():
        same = tuple(names.values())
        if len(same) > 1 and same not in told:
            told.add(same)
            yield (
                f"{listed(same)} show the same host key: clones of one image, or one machine under several names; "
                f"give each clone keys of its own, then: msp-ops hosts trust"
            )
