"""A host's key is looked at and pinned on purpose, by a person, never on the way to something else."""

from base64 import b64decode
from dataclasses import replace

from msp_ops.domain.client import Client, Host
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.record import record
from msp_ops.files.pins import CERTIFICATE, write_pin
from msp_ops.files.workspace import client_path
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.targets import target_of


@record
class Presented:
    """The key a host shows now, beside what is pinned."""

    client: Client
    host: Host
    key: str

    @property
    def is_pinned(self) -> bool:
        return self.key in self._pinned

    @property
    def contradicts(self) -> bool:
        """Whether another key is pinned: somebody may be in between."""
        return bool(self._pinned) and not self.is_pinned

    @property
    def _pinned(self) -> set[str]:
        return {" ".join(key.split()[:2]) for key in self.host.host_keys}


def look_at_key(parts: Parts, client: Client, host: Host) -> Presented:
    """Nobody is logged in. Raises NotReached."""
    return Presented(client=client, host=host, key=parts.wire.present_key(target_of(client, host)))


def fingerprint_of(key: str) -> str:
    """As the machine itself shows it: OpenSSH's words, or the SHA-256 of a certificate in hex."""
    kind, _, body = key.partition(" ")
    if kind == CERTIFICATE:
        return f"certificate SHA256 {b64decode(body).hex().upper()}"
    from msp_ops.transports.ssh.link import fingerprint  # noqa: PLC0415  # paramiko: only who looks at a key needs it

    return fingerprint(key)


def pin(parts: Parts, presented: Presented, *, replacing: bool) -> Host:
    """Write the key beside the client's file. NotPermitted when it would replace another one unasked."""
    if presented.contradicts and not replacing:
        raise NotPermitted(
            f"{presented.client.id}/{presented.host.id} has another key pinned. If the machine was set up anew, and "
            f"you know it: repeat with --replace"
        )
    write_pin(
        client_path(parts.workspace.root, presented.client.id).with_suffix(".pins"), presented.host.id, presented.key
    )
    return replace(presented.host, host_keys=(presented.key,))
