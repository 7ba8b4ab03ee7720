"""Opens SSH sessions, directly or through a gateway; every failure of the world becomes one sentence."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import paramiko

from msp_ops.domain.client import Credential, Gateway
from msp_ops.domain.errors import NotReached
from msp_ops.transports.base import Limits, Target
from msp_ops.transports.ssh.link import Link, dial, pinned_link, presented_key, shake_hands, whatever_it_met
from msp_ops.transports.ssh.login import Keyring, log_in
from msp_ops.transports.ssh.question import Sudo
from msp_ops.transports.ssh.session import SshSession

PREFERRED_KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "rsa-sha2-512")


class SshTransport:
    """See `transports.base.Transport`. Shared by all threads."""

    def __init__(self, keyring: Keyring, limits: Limits) -> None:
        self._keyring = keyring
        self._limits = limits

    def connect(self, target: Target) -> SshSession:
        who = target.who
        with _told_as_not_reached(who, f"{target.host.address}:{target.host.port}"):
            links = self._gateway_link(target)
            try:
                sock = self._way_to(target, links)
                links = (*links, self._login(sock, target.host.host_keys, target.credential, who))
            except BaseException:
                for link in links:
                    link.close()
                raise
            return SshSession(links, self._sudo(target.credential), self._limits, who)

    def present_key(self, target: Target) -> str:
        """The host's public key as `type base64`, with nothing proved and nobody logged in. Raises NotReached."""
        with _told_as_not_reached(target.who, f"{target.host.address}:{target.host.port}"):
            links = self._gateway_link(target)
            try:
                links = (*links, shake_hands(self._way_to(target, links), PREFERRED_KEYS, self._limits))
                return presented_key(links[-1])
            finally:
                for link in reversed(links):
                    link.close()

    def _gateway_link(self, target: Target) -> tuple[Link, ...]:
        gateway, credential = target.gateway, target.gateway_credential
        if gateway is None or credential is None:
            return ()
        sock = dial(gateway.address, gateway.port, self._limits)
        return (self._login(sock, gateway.host_keys, credential, _name(gateway)),)

    def _way_to(self, target: Target, links: tuple[Link, ...]) -> socket.socket | paramiko.Channel:
        if not links:
            return dial(target.host.address, target.host.port, self._limits)
        return links[-1].open_channel(
            "direct-tcpip",
            (target.host.address, target.host.port),
            ("127.0.0.1", 0),
            timeout=self._limits.connect.total_seconds(),
        )

    def _login(
        self, sock: socket.socket | paramiko.Channel, pins: tuple[str, ...], credential: Credential, who: str
    ) -> Link:
        if not pins:
            sock.close()
            raise NotReached(f"{who} has no pinned host key; look at it and pin it: msp-ops hosts trust {who}")
        link = pinned_link(sock, pins, who, self._limits)
        try:
            log_in(link, credential, self._keyring, who)
        except BaseException:
            link.close()
            raise
        link.rest()
        return link

    def _sudo(self, credential: Credential) -> Sudo:
        return Sudo(needed=credential.user != "root", password=self._keyring.secret(credential.sudo_password))


def _name(gateway: Gateway) -> str:
    return f"the gateway {gateway.address}:{gateway.port}"


@contextmanager
def _told_as_not_reached(who: str, where: str) -> Iterator[None]:
    """The one place where paramiko's and the kernel's errors become ours."""
    try:
        with whatever_it_met():
            yield
    except TimeoutError:
        raise NotReached(f"{who} ({where}) did not answer in time") from None
    except socket.gaierror:
        raise NotReached(f"{who}: the name in {where} is not known") from None
    except OSError as error:
        raise NotReached(f"{who} ({where}) cannot be reached: {error.strerror or error}") from None
    except (paramiko.SSHException, EOFError) as error:
        raise NotReached(f"{who} ({where}) is there but does not speak SSH as it should: {error}") from None
