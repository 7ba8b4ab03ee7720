"""The six messages of a remote shell: MS-WSMV 3.1.4. Heads are pywinrm's, each worked out once and then only filled in.

Every answer must belong to its question: pywinrm 0.5.0 compares that for two operations of six.
"""

import base64
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

import xmltodict
from winrm.protocol import Protocol

from msp_ops.domain.record import record
from msp_ops.transports.winrm.trouble import Kind, Trouble

_SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_RSP = f"{{{_SHELL}}}"
_TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
_RELATES_TO = ".//{http://schemas.xmlsoap.org/ws/2004/08/addressing}RelatesTo"
_ID, _SECONDS, _IN, _BODY = "(message)", "(seconds)", "(shell)", "(body)"
_TERMINATE = f"{_SHELL}/signal/terminate"
_UTF8 = 65001
# what nobody came back for goes by itself; as text: pywinrm hands numbers on as they are, and Windows refuses those
IDLE = "PT900S"
_CREATE_OPTIONS = {"WINRS_NOPROFILE": "FALSE", "WINRS_CODEPAGE": str(_UTF8)}
# cmd.exe stays between: WINRS_SKIP_CMD_SHELL is ignored since Windows 2012 R2 (pypsrp's source says so)
_COMMAND_OPTIONS = {"WINRS_CONSOLEMODE_STDIN": "FALSE", "WINRS_SKIP_CMD_SHELL": "FALSE"}


@record
class Received:
    """What came with one Receive. `exit_code` None while it runs, and where Windows tells none."""

    stdout: bytes
    stderr: bytes
    done: bool
    exit_code: int | None = None


class Messages:
    """Sends and reads them. Used by one thread at a time; raises what pywinrm, requests and readers of XML raise."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._heads: dict[str, str] = {}

    def create(self, name: str) -> str:
        """The id that the host gave the shell, which need not be ours."""
        body = (
            f"<rsp:Shell ShellId={quoteattr(name)}><rsp:InputStreams>stdin</rsp:InputStreams>"
            f"<rsp:OutputStreams>stdout stderr</rsp:OutputStreams><rsp:IdleTimeOut>{IDLE}</rsp:IdleTimeOut></rsp:Shell>"
        )
        answer = self._exchange(f"{_TRANSFER}/Create", "", body, _CREATE_OPTIONS)
        return next((node.text for node in answer.iter() if node.get("Name") == "ShellId" and node.text), name)

    def command(self, shell: str, line: str) -> str:
        """The id of the command."""
        body = f"<rsp:CommandLine><rsp:Command>{escape(line)}</rsp:Command></rsp:CommandLine>"
        answer = self._exchange(f"{_SHELL}/Command", shell, body, _COMMAND_OPTIONS)
        if not (found := answer.findtext(f".//{_RSP}CommandId")):
            raise Trouble(Kind.LOST, "its answer names no command")
        return found

    def send(self, shell: str, command: str, piece: bytes, *, end: bool) -> None:
        about = f'Name="stdin" CommandId={quoteattr(command)} End="{"true" if end else "false"}"'
        body = f"<rsp:Send><rsp:Stream {about}>{base64.b64encode(piece).decode()}</rsp:Stream></rsp:Send>"
        self._exchange(f"{_SHELL}/Send", shell, body)

    def receive(self, shell: str, command: str) -> Received:
        wanted = f"<rsp:DesiredStream CommandId={quoteattr(command)}>stdout stderr</rsp:DesiredStream>"
        return read_received(self._exchange(f"{_SHELL}/Receive", shell, f"<rsp:Receive>{wanted}</rsp:Receive>"))

    def terminate(self, shell: str, command: str) -> None:
        body = f"<rsp:Signal CommandId={quoteattr(command)}><rsp:Code>{_TERMINATE}</rsp:Code></rsp:Signal>"
        self._exchange(f"{_SHELL}/Signal", shell, body)

    def delete(self, shell: str) -> None:
        self._exchange(f"{_TRANSFER}/Delete", shell, "")

    def _exchange(self, action: str, shell: str, body: str, options: Mapping[str, str] | None = None) -> ET.Element:
        number = str(uuid.uuid4())
        if action not in self._heads:
            self._heads[action] = self._head(action, shell, options or {})
        places = {_ID: number, _SECONDS: str(int(self._protocol.operation_timeout_sec)), _IN: escape(shell)}
        filled = self._heads[action]
        for place, value in {**places, _BODY: body}.items():  # the body comes last: nothing in it is a place
            filled = filled.replace(place, value)
        answer = ET.fromstring(self._protocol.send_message(filled))  # noqa: S314  # expat refuses what explodes
        if number not in (answer.findtext(_RELATES_TO) or "").lower():
            raise Trouble(Kind.LOST, "its answer belongs to another question")
        return answer

    def _head(self, action: str, shell: str, options: Mapping[str, str]) -> str:
        """The whole envelope, with places for what is new in each message."""
        envelope = self._protocol.build_wsman_header(
            action=action, resource_uri=f"{_SHELL}/cmd", shell_id=_IN if shell else None, message_id=_ID
        )
        head = envelope["env:Header"]
        head["w:OperationTimeout"] = f"PT{_SECONDS}S"
        if options:
            head["w:OptionSet"] = {"w:Option": [{"@Name": name, "#text": text} for name, text in options.items()]}
        envelope["env:Body"] = _BODY
        return str(xmltodict.unparse({"env:Envelope": envelope}))


def read_received(answer: ET.Element) -> Received:
    """Raises ValueError: what should be base64 or a number is none."""
    said: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
    for stream in answer.iter(f"{_RSP}Stream"):
        said.setdefault(stream.get("Name", ""), []).append(base64.b64decode(stream.text or ""))
    state = answer.find(f".//{_RSP}CommandState")
    done = state is not None and state.get("State", "").endswith("/Done")
    code = answer.findtext(f".//{_RSP}ExitCode") if done else None
    return Received(
        stdout=b"".join(said["stdout"]),
        stderr=b"".join(said["stderr"]),
        done=done,
        exit_code=int(code) if code else None,
    )
