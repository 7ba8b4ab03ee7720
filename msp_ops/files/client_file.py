"""One client from its file, with the host keys pinned beside it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from msp_ops.domain.client import Client, Gateway, Host, Site
from msp_ops.domain.errors import FileError
from msp_ops.domain.runbook import Runbook
from msp_ops.files.client_rules import check_client
from msp_ops.files.outside_rules import check_outside
from msp_ops.files.pins import Pins, gateway_name, load_pins
from msp_ops.files.rollout_rules import check_rollouts
from msp_ops.files.schedule_rules import check_schedules
from msp_ops.files.spelling import read_id
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.typed import read_typed
from msp_ops.files.winrm_rules import check_winrm, with_usual_ports


def load_client(path: Path, library: Mapping[str, Runbook | None] | None = None) -> Client:
    """The client of `acme.yaml` with the keys of `acme.pins`; FileError with every mistake of the file.

    With a library, its schedules are held against the runbooks; None in it stands for one that is itself mistaken.
    """
    client = load_unpinned(path, library)
    return pinned(client, load_pins(path.with_suffix(".pins")))


def load_unpinned(path: Path, library: Mapping[str, Runbook | None] | None = None) -> Client:
    """The client as its YAML says, without host keys."""
    client_id = file_id(path)
    document = read_yaml(path)
    client = with_usual_ports(document, replace(read_typed(document, Client), id=client_id))
    check_client(document, client)
    check_schedules(document, client, library)
    check_rollouts(document, client, library)
    check_outside(document, client)
    check_winrm(document, client)
    document.check()
    return client


def file_id(path: Path) -> str:
    """The id that the file's name gives; FileError when it is not one."""
    if path.suffix != ".yaml":
        raise FileError(f"{path}: a client's file ends in .yaml; rename it to {path.stem}.yaml")
    try:
        return read_id(path.stem)
    except ValueError as error:
        raise FileError(f"{path}: the file's name is the client's id; {error}") from error


def pinned(client: Client, pins: Pins) -> Client:
    """The client with its pinned keys; the pin of a host that is gone has no effect."""
    return replace(client, sites=tuple(_pinned_site(site, pins) for site in client.sites)) if pins else client


def _pinned_site(site: Site, pins: Pins) -> Site:
    hosts = tuple(_pinned_host(host, pins) for host in site.hosts)
    return replace(site, hosts=hosts, gateway=site.gateway and _pinned_gateway(site.gateway, site.id, pins))


def _pinned_host(host: Host, pins: Pins) -> Host:
    return replace(host, host_keys=pins.get(host.id, ()))


def _pinned_gateway(gateway: Gateway, site_id: str, pins: Pins) -> Gateway:
    return replace(gateway, host_keys=pins.get(gateway_name(site_id), ()))
