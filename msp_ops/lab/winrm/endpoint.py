"""The endpoint: a server on loopback, up as long as its context."""

import hashlib
import threading
from collections.abc import Collection, Mapping
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from spnego.channel_bindings import GssChannelBindings
from typing_extensions import override

from msp_ops.domain.record import record
from msp_ops.lab.winrm.accounts import enter_accounts
from msp_ops.lab.winrm.certificate import Certificate
from msp_ops.lab.winrm.command import Handler
from msp_ops.lab.winrm.connection import Connection, Doors
from msp_ops.lab.winrm.counters import Counters
from msp_ops.lab.winrm.mishaps import Mishaps
from msp_ops.lab.winrm.shells import Quotas, Shells


@record
class Ways:
    """How the endpoint can be reached.

    `certificate`: HTTPS with it, else HTTP. `schemes`: of `negotiate`, `ntlm`, `basic`. `admins`: who may have a shell;
    None: whoever logs in. `idle_connection`: seconds.
    """

    certificate: Certificate | None = None
    schemes: tuple[str, ...] = ("negotiate",)
    allow_unencrypted: bool = False
    admins: Collection[str] | None = None
    idle_connection: float = 120.0
    port: int = 0


class WinRmEndpoint:
    """`with WinRmEndpoint(handler, {"ops": "…"}) as endpoint:`; then `endpoint.port`."""

    def __init__(
        self, handler: Handler, users: Mapping[str, str], ways: Ways | None = None, quotas: Quotas | None = None
    ) -> None:
        ways = ways or Ways()
        enter_accounts(users)
        connection = type("Connection", (Connection,), {"host": self, "timeout": ways.idle_connection})
        self._server = _Server(("127.0.0.1", ways.port), connection)
        bindings = None
        if ways.certificate:
            self._server.socket = ways.certificate.context().wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            digest = hashlib.sha256(ways.certificate.der).digest()
            bindings = GssChannelBindings(application_data=b"tls-server-end-point:" + digest)
        self.port: int = self._server.server_address[1]
        url = f"{'https' if ways.certificate else 'http'}://127.0.0.1:{self.port}/wsman"
        self.counters = Counters()
        self.mishaps = Mishaps()
        self.doors = Doors(
            schemes=ways.schemes,
            users={name.lower(): password for name, password in users.items()},
            bindings=bindings,
            tls=ways.certificate is not None,
            allow_unencrypted=ways.allow_unencrypted,
        )
        self.shells = Shells(handler, quotas or Quotas(), ways.admins, url)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def restart(self) -> None:
        """As after a restart of the host: no shell is left, and every connection is dead."""
        self.shells.forget_all()
        self._server.hang_up()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.restart()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that it can end them."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], connection: type[Connection]) -> None:
        self._open: set[Any] = set()
        super().__init__(address, connection)

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is nothing to speak of."""

    def hang_up(self) -> None:
        for each in list(self._open):
            super().shutdown_request(each)
