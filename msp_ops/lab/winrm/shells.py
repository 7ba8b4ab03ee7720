"""The six operations of MS-WSMV on remote shells, with the quotas that Windows keeps."""

import base64
import struct
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Collection
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from msp_ops.domain.record import record
from msp_ops.lab.winrm import faults
from msp_ops.lab.winrm.command import Command, Handler, new_id
from msp_ops.lab.winrm.envelope import Request
from msp_ops.lab.winrm.names import CMD, SHELL, TRANSFER

CMD_LINE, PROCESS_LINE = 8191, 32767  # documented: the longest line of cmd.exe, and of CreateProcess
_STATE = f"{SHELL}/CommandState"


@record
class Quotas:
    """Windows' defaults, as recordings and ansible #66846 show them. `idle`: seconds after which a shell goes."""

    shells: int = 30
    operations: int = 1500
    idle: float = 7200.0
    envelope: int = 512_000


@dataclass(slots=True)
class Shell:
    """One remote shell. `operations` never falls: WinRS gives none back (pywinrm 124)."""

    id: str
    user: str
    codepage: int
    idle: float
    commands: dict[str, Command] = field(default_factory=dict)
    operations: int = 0
    last: float = field(default_factory=time.monotonic)

    def end(self) -> None:
        for command in self.commands.values():
            command.cancel()


class Shells:
    """All shells of one host. `admins`: who may have one; None: everybody who logs in."""

    def __init__(self, handler: Handler, quotas: Quotas, admins: Collection[str] | None, url: str) -> None:
        self._handler = handler
        self._quotas = quotas
        self._admins = admins
        self._url = url
        self._lock = threading.Lock()
        self.open: dict[str, Shell] = {}

    def forget_all(self) -> None:
        """As a restart does."""
        for shell_id in list(self.open):
            self.open.pop(shell_id).end()

    def carry_out(self, request: Request, user: str) -> tuple[str, str]:
        """The action and the body of the answer. Raises Fault."""
        if self._admins is not None and user not in self._admins:
            raise faults.access_denied()
        if request.text("s:Header/w:ResourceURI") != CMD:
            raise faults.not_a_shell()
        self._drop_idle()
        if request.operation == "Create":
            return f"{TRANSFER}/CreateResponse", self._create(request, user)
        shell = self.open.get(request.shell_id)
        if shell is None or shell.user != user:
            raise faults.no_such_shell()
        shell.last = time.monotonic()
        if request.operation == "Delete":
            self.open.pop(shell.id).end()
            return f"{TRANSFER}/DeleteResponse", ""
        return f"{SHELL}/{request.operation}Response", self._on(shell, request)

    def _on(self, shell: Shell, request: Request) -> str:
        match request.operation:
            case "Command":
                return self._command(shell, request)
            case "Send":
                return self._send(shell, request)
            case "Receive":
                return self._receive(shell, request)
            case "Signal":
                return self._signal(shell, request)
            case _:
                raise faults.no_such_action()

    def _drop_idle(self) -> None:
        with self._lock:
            for shell in [each for each in self.open.values() if time.monotonic() - each.last > each.idle]:
                self.open.pop(shell.id).end()

    def _create(self, request: Request, user: str) -> str:
        (wanted,) = request.nodes("s:Body/rsp:Shell")
        codepage = int(request.options.get("WINRS_CODEPAGE", "437"))
        idle = request.seconds("s:Body/rsp:Shell/rsp:IdleTimeOut", self._quotas.idle)
        # documented: WSManCreateShellEx lets the client name its shell, since Windows 8
        shell = Shell((wanted.get("ShellId") or new_id()).upper(), user, codepage, idle)
        with self._lock:
            if sum(each.user == user for each in self.open.values()) >= self._quotas.shells:
                raise faults.quota_of_shells(self._quotas.shells)
            self.open[shell.id] = shell
        return (
            f"<x:ResourceCreated><a:Address>{self._url}</a:Address><a:ReferenceParameters><w:ResourceURI>{CMD}"
            f'</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{shell.id}</w:Selector></w:SelectorSet>'
            f"</a:ReferenceParameters></x:ResourceCreated><rsp:Shell><rsp:ShellId>{shell.id}</rsp:ShellId>"
            f"<rsp:ResourceUri>{CMD}</rsp:ResourceUri><rsp:Owner>{escape(user)}</rsp:Owner>"
            f"<rsp:ClientIP>127.0.0.1</rsp:ClientIP><rsp:IdleTimeOut>PT{idle:.3f}S</rsp:IdleTimeOut>"
            "<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams>"
            "<rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime><rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity>"
            "</rsp:Shell>"
        )

    def _command(self, shell: Shell, request: Request) -> str:
        arguments = [each.text or "" for each in request.nodes("s:Body/rsp:CommandLine/rsp:Arguments")]
        line = " ".join([request.text("s:Body/rsp:CommandLine/rsp:Command"), *arguments])
        directly = request.options.get("WINRS_SKIP_CMD_SHELL", "FALSE").upper() == "TRUE"
        shell.operations += 1
        if shell.operations > self._quotas.operations:
            raise faults.quota_of_operations(self._quotas.operations)
        if directly and len(line) > PROCESS_LINE:
            raise faults.too_long()
        command = Command(line=line, directly=directly)
        shell.commands[command.id] = command
        threading.Thread(target=self._run, args=(command,), daemon=True).start()
        return f"<rsp:CommandResponse><rsp:CommandId>{command.id}</rsp:CommandId></rsp:CommandResponse>"

    def _run(self, command: Command) -> None:
        if not command.directly and len(command.line) > CMD_LINE:
            command.write(b"The command line is too long.\r\n", "stderr")
            command.end(1)
            return
        code = 1
        try:
            code = self._handler(command)
        finally:
            command.end(code)

    def _send(self, shell: Shell, request: Request) -> str:
        for node in request.nodes("s:Body/rsp:Send/rsp:Stream"):
            ends = (node.get("End") or "").lower() == "true"
            _found(shell, node).give(base64.b64decode(node.text or ""), end=ends)
        return "<rsp:SendResponse/>"

    def _receive(self, shell: Shell, request: Request) -> str:
        (wanted,) = request.nodes("s:Body/rsp:Receive/rsp:DesiredStream")
        command = _found(shell, wanted)
        most = min(self._quotas.envelope, int(request.text("s:Header/w:MaxEnvelopeSize") or 153_600))
        taken = command.take(request.seconds("s:Header/w:OperationTimeout", 60), (most - 2048) * 3 // 4)
        if taken is None:
            raise faults.timed_out()
        said, done = taken
        named = f'CommandId="{command.id}"'
        parts = [
            f'<rsp:Stream Name="{name}" {named}>{base64.b64encode(data).decode()}</rsp:Stream>' for name, data in said
        ]
        if done:
            parts += [f'<rsp:Stream Name="{name}" {named} End="true"></rsp:Stream>' for name in ("stdout", "stderr")]
        code = f"<rsp:ExitCode>{_signed(command.exit_code or 0)}</rsp:ExitCode>" if done else ""
        state = f'<rsp:CommandState {named} State="{_STATE}/{"Done" if done else "Running"}">{code}</rsp:CommandState>'
        return f"<rsp:ReceiveResponse>{''.join(parts)}{state}</rsp:ReceiveResponse>"

    def _signal(self, shell: Shell, request: Request) -> str:
        (node,) = request.nodes("s:Body/rsp:Signal")
        command = _found(shell, node)
        command.cancel()
        shell.commands.pop(command.id, None)
        return "<rsp:SignalResponse/>"


def _found(shell: Shell, node: ET.Element) -> Command:
    command = shell.commands.get((node.get("CommandId") or "").upper())
    if command is None:
        raise faults.no_such_command()
    return command


def _signed(code: int) -> int:
    """Recorded: 4294967295 arrives as -1."""
    (signed,) = struct.unpack("<i", struct.pack("<I", code & 0xFFFFFFFF))
    return int(signed)
