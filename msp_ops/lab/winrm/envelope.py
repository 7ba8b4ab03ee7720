"""Requests as they are read, answers as they are written."""

import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from msp_ops.lab.winrm.command import new_id
from msp_ops.lab.winrm.names import ADDRESSING, BY_PREFIX, ENVELOPE

_SECONDS = re.compile(r"PT([\d.]+)S")


class Request:
    """One message of a client."""

    def __init__(self, body: bytes) -> None:
        """Raises ParseError."""
        self.root = ET.fromstring(body)  # noqa: S314  # a test double's own clients

    @property
    def operation(self) -> str:
        """`Create`, `Command`, `Send`, `Receive`, `Signal`, `Delete`."""
        return self.text("s:Header/a:Action").rsplit("/", 1)[-1]

    @property
    def shell_id(self) -> str:
        return self.text("s:Header/w:SelectorSet/w:Selector[@Name='ShellId']").upper()

    @property
    def options(self) -> dict[str, str]:
        found = self.root.findall("s:Header/w:OptionSet/w:Option", BY_PREFIX)
        return {each.get("Name", ""): each.text or "" for each in found}

    def text(self, path: str) -> str:
        return self.root.findtext(path, "", BY_PREFIX).strip()

    def nodes(self, path: str) -> list[ET.Element]:
        return self.root.findall(path, BY_PREFIX)

    def seconds(self, path: str, otherwise: float) -> float:
        found = _SECONDS.match(self.text(path))
        return float(found[1]) if found else otherwise


def answer(action: str, body: str, request: Request) -> bytes:
    """The whole envelope."""
    related = escape(request.text("s:Header/a:MessageID"))
    return (
        f"{ENVELOPE}<s:Header><a:Action>{action}</a:Action><a:MessageID>uuid:{new_id()}</a:MessageID>"
        f"<a:To>{ADDRESSING}/role/anonymous</a:To><a:RelatesTo>{related}</a:RelatesTo></s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
