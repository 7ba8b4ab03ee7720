"""One TCP connection, which is what NTLM logs in: the context of its keys lives here and nowhere else."""

import base64
import binascii
import socket
import struct
import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler
from typing import ClassVar, Protocol

import spnego
from spnego.channel_bindings import GssChannelBindings
from spnego.exceptions import SpnegoError
from typing_extensions import override

from msp_ops.domain.record import record
from msp_ops.lab.winrm.counters import Counters
from msp_ops.lab.winrm.envelope import Request, answer
from msp_ops.lab.winrm.fault import Fault
from msp_ops.lab.winrm.mishaps import Mishaps
from msp_ops.lab.winrm.names import FAULT
from msp_ops.lab.winrm.sealing import CONTENT_TYPE, seal, unseal
from msp_ops.lab.winrm.shells import Shells

_PLAIN = "application/soap+xml;charset=UTF-8"
_SCHEMES = {"negotiate": "Negotiate", "ntlm": "NTLM", "basic": 'Basic realm="WSMAN"'}


@record
class Doors:
    """How one comes in. `bindings`: of the certificate, where there is TLS; `users`: for Basic."""

    schemes: tuple[str, ...]
    users: dict[str, str]
    bindings: GssChannelBindings | None
    tls: bool
    allow_unencrypted: bool


class Host(Protocol):
    """What a connection knows of its endpoint."""

    doors: Doors
    shells: Shells
    mishaps: Mishaps
    counters: Counters


class Connection(BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive. `timeout`: http.sys closes an idle connection after about two minutes (recorded)."""

    host: ClassVar[Host]
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    @override
    def setup(self) -> None:
        self._context: spnego.ContextProxy | None = None
        self._user = ""
        self._headers: list[tuple[str, str]] = []
        self.host.counters.add("tcp")
        super().setup()

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        self.host.counters.add("http")
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._headers = []
        if not self._let_in():
            return
        if not body:  # recorded: the empty POST with which a client only logs in
            self._say(200)
            return
        sealed = self.headers.get("Content-Type", "").startswith("multipart/encrypted")
        if not sealed and not self.host.doors.tls:
            self.host.counters.add("in the clear")
            if not self.host.doors.allow_unencrypted:
                self._say(500)  # invented: the exact answer with AllowUnencrypted=false was found nowhere
                return
        try:
            request = Request(self._unsealed(body) if sealed else body)
        except (SpnegoError, ET.ParseError, ValueError, struct.error):
            self.host.counters.add("not understood")
            self._say(400)  # recorded: sealed for another connection (ansible winrm.py; evil-winrm-py 3)
            return
        self._carry_out(request, sealed=sealed)

    def _carry_out(self, request: Request, *, sealed: bool) -> None:
        self.host.counters.add(request.operation)
        met = self.host.mishaps.meet(request.operation)
        if isinstance(met, int):
            self._say(met)
            return
        if met in {"drop", "hang"}:
            self._hang_up(waiting=met == "hang")
            return
        status = 200
        try:
            if isinstance(met, Fault):
                raise met
            action, said = self.host.shells.carry_out(request, self._user)
        except Fault as fault:
            status, action, said = 500, FAULT, fault.body()
        if met == "drop after":
            self._hang_up()
            return
        if met == "half":
            said = _without_first_stream(said)
        whole = answer(action, said, request)
        if sealed and met != "plain":
            whole, kind = seal(whole, self._secure()), CONTENT_TYPE
        else:
            kind = _PLAIN
        self._say(status, whole, kind, cut=met == "cut")

    def _let_in(self) -> bool:
        """Whether the request may go on; else an answer was sent."""
        scheme, _, blob = self.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return bool(self._user) or self._challenge()
        if scheme.lower() not in self.host.doors.schemes:
            return self._challenge()
        try:
            token = base64.b64decode(blob)
        except binascii.Error:
            return self._challenge()
        return self._basic(token) if scheme.lower() == "basic" else self._negotiate(scheme, token)

    def _basic(self, token: bytes) -> bool:
        name, _, password = token.decode(errors="replace").partition(":")
        if self.host.doors.users.get(name.lower()) != password:
            self.host.counters.add("refused")
            return self._challenge()
        self._user = name
        return True

    def _negotiate(self, scheme: str, token: bytes) -> bool:
        if self._context is None or self._context.complete:
            self._context, self._user = self._new_context(token), ""
        try:
            said = self._context.step(token)
        except SpnegoError:
            self.host.counters.add("refused")
            return self._challenge()
        if said:
            self._headers = [("WWW-Authenticate", f"{scheme} {base64.b64encode(said).decode()}")]
        if not self._context.complete:
            self._say(401)
            return False
        self._user = self._context.client_principal or ""
        self.host.counters.add("login")
        return True

    def _new_context(self, token: bytes) -> spnego.ContextProxy:
        raw = token.startswith(b"NTLMSSP\0")
        options = spnego.NegotiateOptions.use_ntlm if raw else spnego.NegotiateOptions.use_negotiate
        bindings = self.host.doors.bindings
        protocol = "ntlm" if raw else "negotiate"
        return spnego.server(protocol=protocol, channel_bindings=bindings, options=options)

    def _challenge(self) -> bool:
        self._user, self._context = "", None
        self._headers = [("WWW-Authenticate", _SCHEMES[each]) for each in self.host.doors.schemes]
        self._say(401)
        return False

    def _say(self, status: int, body: bytes = b"", kind: str = "", *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in self._headers:
            self.send_header(name, value)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.wfile.flush()
        if cut:
            self._hang_up()

    def _hang_up(self, *, waiting: bool = False) -> None:
        self.close_connection = True
        if waiting:
            self.connection.settimeout(60)
            self.rfile.read(1)
            return
        self.connection.shutdown(socket.SHUT_RDWR)

    def _secure(self) -> spnego.ContextProxy:
        if self._context is None or not self._context.complete:
            raise ValueError("nobody has logged in on this connection")
        return self._context

    def _unsealed(self, body: bytes) -> bytes:
        return unseal(body, self._secure())


def _without_first_stream(body: str) -> str:
    """A piece of output that never arrives."""
    head, _, rest = body.partition("<rsp:Stream ")
    return head + rest.partition("</rsp:Stream>")[2]
