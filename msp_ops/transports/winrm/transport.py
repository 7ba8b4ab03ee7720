"""Opens WinRM sessions, directly or through the site's SSH gateway; every failure of the world becomes one sentence."""

import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

from msp_ops.domain.errors import NotReached
from msp_ops.secrets.references import Resolve
from msp_ops.transports.base import Limits, Target
from msp_ops.transports.ssh.trials import Attempt, Trials
from msp_ops.transports.winrm.entry import protocol_to, way_to
from msp_ops.transports.winrm.session import WinRmSession
from msp_ops.transports.winrm.shell import Shell
from msp_ops.transports.winrm.trouble import Kind, Trouble
from msp_ops.transports.winrm.way import Dial, pin_of

_AGAIN = {
    Kind.UNREACHABLE, Kind.LOST, Kind.DEAD, Kind.SILENT, Kind.STALE, Kind.UNAVAILABLE, Kind.BUSY, Kind.SHELLS,
    Kind.OPERATIONS, Kind.SHELL_GONE,
}  # fmt: skip


class Tunnel(Protocol):
    """A gateway that was logged in to: as many connections to the host as are dialled."""

    def dial(self) -> socket.socket: ...

    def close(self) -> None: ...


OpenTunnel = Callable[[Target], Tunnel | None]


class WinRmTransport:
    """See `transports.base.Transport`. Shared by all threads; each session has a protocol and a shell of its own."""

    def __init__(
        self, workspace: Path, resolve: Resolve, trials: Trials, tunnel: OpenTunnel, limits: Limits | None = None
    ) -> None:
        self._workspace = workspace
        self._resolve = resolve
        self._trials = trials
        self._tunnel = tunnel
        self._limits = limits or Limits()

    def connect(self, target: Target) -> WinRmSession:
        tunnel = self._tunnel(target)
        try:
            shell = self._shell(target, tunnel.dial if tunnel else None)
            try:
                self._log_in(shell, target)
            except BaseException:
                shell.hang_up()
                raise
        except BaseException:
            if tunnel:
                tunnel.close()
            raise
        return WinRmSession(shell, self._limits, target.who, self._trial(target), tunnel)

    def present_key(self, target: Target) -> str:
        """The host's certificate as `x509-sha256 BASE64`; nothing is proved and nobody logs in. Raises NotReached."""
        if not target.host.winrm.tls:
            raise NotReached(f"{target.who} is reached without TLS: it has no certificate to pin")
        tunnel = self._tunnel(target)
        try:
            return pin_of(self._presented(target, tunnel))
        finally:
            if tunnel:
                tunnel.close()

    def _presented(self, target: Target, tunnel: Tunnel | None) -> bytes:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # a person looks at it
        address = (target.host.address, target.host.port)
        try:
            seconds = self._limits.connect.total_seconds()
            plain = tunnel.dial() if tunnel else socket.create_connection(address, seconds)
            plain.settimeout(seconds)
            with plain, context.wrap_socket(plain) as secure:
                return secure.getpeercert(binary_form=True) or b""
        except OSError as error:
            where = f"{address[0]}:{address[1]}"
            why = error.strerror or type(error).__name__
            raise NotReached(f"{target.who} ({where}) shows no certificate: {why}", again=True) from None

    def _shell(self, target: Target, dial: Dial | None) -> Shell:
        way = way_to(target, self._workspace, self._resolve, self._limits, dial)
        return Shell(protocol_to(target, self._workspace, way, self._resolve))

    def _log_in(self, shell: Shell, target: Target) -> None:
        """Until the login was taken, others wait with the same password; not while we wait for a shell."""
        try:
            with self._trial(target):
                trouble = self._tried(shell, target)
            if trouble is not None:
                shell.open()
        except Trouble as problem:
            raise _not_reached(target, problem) from None

    def _tried(self, shell: Shell, target: Target) -> Trouble | None:
        """Raises NotReached: what is raised here was no login, or a refused one."""
        try:
            return shell.log_in()
        except Trouble as problem:
            raise _not_reached(target, problem) from None

    def _trial(self, target: Target) -> AbstractContextManager[None]:
        credential, auth = target.credential, target.host.winrm.auth
        if auth == "kerberos":
            return nullcontext()  # a ticket is no guess
        by_password = auth in {"ntlm", "basic"}
        reference = credential.password if by_password else credential.certificate
        attempt = Attempt(
            client=target.who.partition("/")[0],
            user=credential.user,
            reference=reference or "",
            who=target.who,
            shared=by_password,
        )
        return self._trials.of(attempt)


def _not_reached(target: Target, trouble: Trouble) -> NotReached:
    who = f"{target.who} ({target.host.address}:{target.host.port})"
    user, by = target.credential.user, target.host.winrm.auth
    match trouble.kind:
        case Kind.REFUSED:
            words = f"{target.who} refused the login of {user!r} by {by}. It was not tried again."
            return NotReached(words, credential_refused=True)
        case Kind.NO_WAY_IN:
            words = f"{who} does not take logins by {by}: {trouble.words}"
        case Kind.DENIED:
            words = f"{who} let {user!r} in and gave no shell: {trouble.words}. The account must be an administrator"
        case Kind.UNTRUSTED:
            words = (
                f"{who} was not trusted: {trouble.words}. Nothing was sent. Look at its certificate and pin it: "
                f"msp-ops hosts trust {target.who}, or name the client's authority as ca_file"
            )
        case Kind.NOT_WINRM:
            words = f"{who} is there and is no WinRM: {trouble.words}"
        case Kind.SHELLS:
            words = f"{who} has as many remote shells as it allows this user, for two minutes already"
        case _:
            words = f"{who} cannot be reached: {trouble.words}"
    return NotReached(words, again=trouble.kind in _AGAIN)
