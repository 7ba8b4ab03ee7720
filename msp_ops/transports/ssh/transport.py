"""Opens SSH sessions, directly or through a gateway; every failure of the world becomes one sentence."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import paramiko

from msp_ops.domain.client import Credential, Gateway
from msp_ops.domain.errors import NotReached
from msp_ops.transports.base import Limits, Target
from msp_ops.transports.ssh.forward import Forward
from msp_ops.transports.ssh.link import Link, dial, pinned_link, presented_key, shake_hands, whatever_it_met
from msp_ops.transports.ssh.login import Keyring, log_in
from msp_ops.transports.ssh.question import Sudo
from msp_ops.transports.ssh.session import SshSession
from msp_ops.transports.ssh.trials import Attempt, Trials

PREFERRED_KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "rsa-sha2-512")
_CONNECT_FAILED = 2  # RFC 4254, 5.1: the gateway tried; other codes mean that it does not let us


class SshTransport:
    """See `transports.base.Transport`. Shared by all threads."""

    def __init__(self, keyring: Keyring, limits: Limits) -> None:
        self._keyring = keyring
        self._limits = limits

    @property
    def trials(self) -> Trials:
        """What is known of refused credentials, for every wire that shows the same ones."""
        return self._keyring.trials

    def connect(self, target: Target) -> SshSession:
        who = target.who
        with _told_as_not_reached(who, f"{target.host.address}:{target.host.port}"):
            links = self._gateway_link(target)
            try:
                sock = self._way_to(target, links)
                links = (*links, self._login(sock, target.host.host_keys, target.credential, who, _client(target)))
            except BaseException:
                for link in links:
                    link.close()
                raise
            return SshSession(links, self._sudo(target), self._limits, who)

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

    def open_forward(self, target: Target) -> Forward | None:
        """The site's gateway, logged in to; None where there is none. Raises NotReached."""
        if target.gateway is None:
            return None
        gateway = _name(target.gateway, target)
        with _told_as_not_reached(gateway, f"{target.gateway.address}:{target.gateway.port}"):
            (link,) = self._gateway_link(target)
        return Forward(link, (target.host.address, target.host.port), self._limits)

    def _gateway_link(self, target: Target) -> tuple[Link, ...]:
        gateway, credential = target.gateway, target.gateway_credential
        if gateway is None or credential is None:
            return ()
        sock = dial(gateway.address, gateway.port, self._limits)
        return (self._login(sock, gateway.host_keys, credential, _name(gateway, target), _client(target)),)

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
        self,
        sock: socket.socket | paramiko.Channel,
        pins: tuple[str, ...],
        credential: Credential,
        who: str,
        client: str,
    ) -> Link:
        if not pins:
            sock.close()
            raise NotReached(f"{who} has no pinned host key; look at it and pin it: msp-ops hosts trust {who}")
        link = pinned_link(sock, pins, who, self._limits)
        try:
            log_in(link, credential, self._keyring, who, client)
        except BaseException:
            link.close()
            raise
        link.rest()
        return link

    def _sudo(self, target: Target) -> Sudo:
        credential = target.credential
        attempt = Attempt(
            client=_client(target),
            user=credential.user,
            reference=credential.sudo_password or "",
            who=target.who,
            shared=True,
        )
        return Sudo(
            needed=credential.user != "root",
            password=self._keyring.secret(credential.sudo_password),
            trial=lambda: self._keyring.trials.of(attempt),
        )


def _name(gateway: Gateway, target: Target) -> str:
    """Begins with the client, as every name that the breaker is told."""
    return f"{_client(target)}/gateway {gateway.address}:{gateway.port}"


def _client(target: Target) -> str:
    return target.who.partition("/")[0]


@contextmanager
def _told_as_not_reached(who: str, where: str) -> Iterator[None]:
    """The one place where paramiko's and the kernel's errors become ours."""
    try:
        with whatever_it_met():
            yield
    except TimeoutError:
        raise NotReached(f"{who} ({where}) did not answer in time", again=True) from None
    except socket.gaierror as error:
        again = error.errno == socket.EAI_AGAIN  # nobody could be asked, which is not the same as unknown
        raise NotReached(f"{who}: the name in {where} is not known", again=again) from None
    except OSError as error:
        raise NotReached(f"{who} ({where}) cannot be reached: {error.strerror or error}", again=True) from None
    except paramiko.ChannelException as error:
        again = error.code == _CONNECT_FAILED
        raise NotReached(f"{who} ({where}) cannot be reached by its gateway: {error.text}", again=again) from None
    except (paramiko.SSHException, EOFError) as error:
        again = not isinstance(error, paramiko.ssh_exception.IncompatiblePeer)
        raise NotReached(
            f"{who} ({where}) is there but does not speak SSH as it should: {error}", again=again
        ) from None
