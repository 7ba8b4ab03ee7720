"""Whether what is looked at from outside can be meant: endpoints of hosts, and days on which something ends."""

from pathlib import PurePosixPath

from msp_ops.domain.client import Client
from msp_ops.domain.endpoint import Endpoint
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.client_rules import check_unique
from msp_ops.files.document import Document, Where

BELONGS = {"status": ("http", "https"), "text": ("http", "https"), "addresses": ("dns",), "servers": ("dns",)}


def check_outside(document: Document, client: Client) -> None:
    """Complains of everything that cannot be meant."""
    for number, site in enumerate(client.sites):
        for place, host in enumerate(site.hosts):
            where: Where = ["sites", number, "hosts", place, "endpoints"]
            _check_endpoints(document, where, host.endpoints)
    _check_dates(document, client)
    path = PurePosixPath(client.ca_file or "none")
    if path.is_absolute() or ".." in path.parts:
        document.complain(["ca_file"], f"'{client.ca_file}' leaves the workspace; write a path in it: keys/acme-ca.pem")


def _check_endpoints(document: Document, where: Where, endpoints: tuple[Endpoint, ...]) -> None:
    check_unique(document, [([*where, n, "url"], one.shown) for n, one in enumerate(endpoints)], "the endpoint")
    for number, endpoint in enumerate(endpoints):
        scheme = endpoint.parts.scheme
        for key, schemes in BELONGS.items():
            if document.node([*where, number, key]) and scheme not in schemes:
                document.complain_of_key(
                    [*where, number, key], f"{key} belongs to {' and '.join(schemes)}, this is {scheme}; remove it"
                )
        if endpoint.at and scheme == "dns":
            document.complain_of_key([*where, number, "at"], "a name is asked of servers; write servers in place of at")


def _check_dates(document: Document, client: Client) -> None:
    check_unique(
        document,
        [(["dates", number, "what"], f"{one.what} of {one.host}") for number, one in enumerate(client.dates)],
        "the date",
    )
    known = [host.id for host in client.hosts()]
    for number, one in enumerate(client.dates):
        if one.host not in known:
            hint = did_you_mean(one.host, known)
            document.complain(["dates", number, "host"], f"there is no host '{one.host}'; hosts: {listed(known)}{hint}")
