"""From an address to an SSH link whose host key is the pinned one. Nothing secret is sent before that is certain."""

import base64
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import paramiko
from paramiko.packet import Packetizer
from typing_extensions import override

from msp_ops.domain.errors import MspOpsError, NotReached
from msp_ops.transports.base import Limits

# OpenSSH signs with a host's RSA key under these names.
_RSA = ("rsa-sha2-512", "rsa-sha2-256")
_GCM_FIRST = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr")


@contextmanager
def whatever_it_met() -> Iterator[None]:
    """Paramiko hands on whatever its thread met in a stranger's bytes; to us all of it is one thing: no proper SSH."""
    try:
        yield
    except (MspOpsError, OSError, EOFError, paramiko.SSHException):
        raise
    except Exception as error:  # a boundary: the bytes of somebody who has proved nothing yet
        raise paramiko.SSHException(f"{type(error).__name__} in its messages") from error


class Packets(Packetizer):
    """Leaves the deadline of the handshake to `start_client`: for its own, paramiko starts a thread for each link."""

    @override
    def start_handshake(self, timeout: float) -> None:
        pass


class Link(paramiko.Transport):
    """A paramiko transport that can wait without waking ten times a second, and closes at once."""

    def __init__(self, sock: socket.socket | paramiko.Channel) -> None:
        super().__init__(sock, packetizer_class=Packets)

    def rest(self) -> None:
        """From here on there is mostly waiting: wake every 15 s, not at paramiko's 10 Hz (36 % of a core at 1,000)."""
        self.sock.settimeout(15)

    @override
    def close(self) -> None:
        """End the link now instead of at the next look at the socket."""
        sock = self.sock
        if isinstance(sock, socket.socket):
            with suppress(OSError):  # closed from the other side already
                sock.shutdown(socket.SHUT_RDWR)
        super().close()


class EagerSocket(socket.socket):
    """Takes all that has come at once: paramiko asks for each packet in two small pieces, each a call of the kernel.

    Neither side waits for the other's acknowledgement: sshd sends its first words in small pieces and holds back each
    until the one before is acknowledged, which Linux puts off for 40 ms (tcp(7), TCP_QUICKACK lasts for one answer).
    """

    def __init__(self, sock: socket.socket) -> None:
        timeout = sock.gettimeout()
        super().__init__(sock.family, sock.type, sock.proto, fileno=sock.detach())
        self.settimeout(timeout)
        self._come = b""

    @override
    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        if not self._come:
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            self._come = super().recv(32768, flags)
        piece, self._come = self._come[:bufsize], self._come[bufsize:]
        return piece


def dial(address: str, port: int, limits: Limits) -> socket.socket:
    """A TCP connection that the kernel gives up when the other side is silent for `limits.silence`.

    paramiko alone does not notice a cut link (paramiko issues 2463, 503). Raises OSError.
    """
    sock = EagerSocket(socket.create_connection((address, port), timeout=limits.connect.total_seconds()))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2)
    user_timeout = int(limits.silence.total_seconds() * 1000)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, user_timeout)
    return sock


def shake_hands(sock: socket.socket | paramiko.Channel, key_types: Sequence[str], limits: Limits) -> Link:
    """Negotiate, asking for these host key types only. Raises SSHException, OSError."""
    link = Link(sock)
    link.banner_timeout = limits.banner.total_seconds()
    link.auth_timeout = limits.login.total_seconds()
    options = link.get_security_options()
    options.key_types = key_types
    options.ciphers = _GCM_FIRST
    try:
        link.start_client(timeout=(limits.banner + limits.login).total_seconds())
    except BaseException:
        link.close()
        raise
    return link


def pinned_link(sock: socket.socket | paramiko.Channel, pins: Sequence[str], who: str, limits: Limits) -> Link:
    """A link to the host that holds one of the pinned keys; NotReached when another answers."""
    link = shake_hands(sock, key_types_of(pins), limits)
    presented = presented_key(link)
    if presented not in {" ".join(pin.split()[:2]) for pin in pins}:
        link.close()
        raise NotReached(
            f"{who} shows another host key than the pinned one: {fingerprint(presented)}. Somebody may be in between, "
            f"or the machine was set up anew. Nothing was sent. If you know why: msp-ops hosts trust {who} --replace"
        )
    return link


def key_types_of(pins: Sequence[str]) -> list[str]:
    """The server shows the type that the client asks for: ask for the pinned ones only."""
    kinds = [pin.split()[0] for pin in pins]
    return [name for kind in kinds for name in (_RSA if kind == "ssh-rsa" else (kind,))]


def presented_key(link: Link) -> str:
    """The host's public key as `type base64`."""
    key = link.get_remote_server_key()
    return f"{key.get_name()} {key.get_base64()}"


def fingerprint(public_key: str) -> str:
    """As OpenSSH shows it: `ssh-ed25519 SHA256:…`."""
    kind, blob = public_key.split()[:2]
    digest = paramiko.PKey.from_type_string(kind, base64.b64decode(blob)).fingerprint
    return f"{kind} {digest}"
