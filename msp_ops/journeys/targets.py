"""From `acme/web*` to the hosts that are meant, and to what is needed to reach them."""

from collections.abc import Iterable, Iterator

from msp_ops.domain.client import Client, Credential, Host
from msp_ops.domain.errors import PlanError
from msp_ops.domain.selection import select_hosts
from msp_ops.files.workspace import Workspace
from msp_ops.secrets.redact import Redact, redactor
from msp_ops.secrets.references import Resolve
from msp_ops.transports.base import Target


def chosen(workspace: Workspace, words: str) -> tuple[Client, tuple[Host, ...]]:
    """`CLIENT/PATTERN`; a run never spans two clients. PlanError says what would be right."""
    client_id, slash, pattern = words.partition("/")
    client = workspace.client(client_id)
    if not slash:
        hosts = ", ".join(host.id for host in client.hosts())
        raise PlanError(
            f"{words!r} names a client and no host; right would be {client_id}/HOST or {client_id}/all; hosts: {hosts}"
        )
    return client, select_hosts(client, pattern)


def target_of(client: Client, host: Host) -> Target:
    """How to reach a host of a client."""
    gateway = client.site_of(host.id).gateway
    return Target(
        who=f"{client.id}/{host.id}",
        host=host,
        credential=client.credentials[host.credential],
        gateway=gateway,
        gateway_credential=client.credentials[gateway.credential] if gateway else None,
        ca_file=client.ca_file,
    )


def redactor_for(targets: Iterable[Target], resolve: Resolve, more: Iterable[str] = ()) -> Redact:
    """Masks every secret that these targets need, and `more`. Resolving fails here, before any host is touched."""
    return redactor([*(resolve(reference) for reference in sorted(set(_references(targets)))), *more])


def _references(targets: Iterable[Target]) -> Iterator[str]:
    for target in targets:
        for credential in (target.credential, target.gateway_credential):
            yield from _secrets_of(credential)


def _secrets_of(credential: Credential | None) -> Iterator[str]:
    if credential:
        for reference in (credential.key, credential.password, credential.passphrase, credential.sudo_password):
            if reference is not None:
                yield reference
