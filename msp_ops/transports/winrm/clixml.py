"""What PowerShell says on standard error when it believes that a PowerShell listens: CLIXML, MS-PSRP 2.2.5.

Errors, warnings and progress all come there: that something was said is no failure, and only `Error` is one.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from msp_ops.domain.record import record

_MARK = re.compile(rb"#< CLIXML\r?\n?")
_OBJECTS = re.compile(rb"<Objs\b.*?</Objs>", re.DOTALL)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NAMES = "{http://schemas.microsoft.com/powershell/2004/04}"


@record
class Said:
    """One piece; `stream` is `Error`, `Warning`, `Verbose`, `Debug`, `Information`, or `""` for text as it came."""

    stream: str
    text: str


def read_stderr(data: bytes) -> tuple[Said, ...]:
    """All of standard error; progress is left out. What is no CLIXML, or damaged, comes as it is."""
    pieces: list[Said] = []
    at = 0
    data = _MARK.sub(b"", data)
    for found in _OBJECTS.finditer(data):
        pieces += _plain(data[at : found.start()])
        pieces += _strings(found[0])
        at = found.end()
    return (*pieces, *_plain(data[at:]))


def errors_in(data: bytes) -> str:
    """What a person should read of it: the errors, or text that came as it is."""
    return "".join(each.text for each in read_stderr(data) if each.stream in {"Error", ""}).strip()


def unescaped(text: str) -> str:
    """`_x000D_` is one UTF-16 unit; two of them may be one character."""
    units = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _strings(objects: bytes) -> Iterator[Said]:
    try:
        root = ET.fromstring(objects.decode("utf-8", "replace"))  # noqa: S314  # expat refuses entities that explode
    except ET.ParseError:
        yield Said(stream="", text=objects.decode("utf-8", "replace"))
        return
    for node in root:
        stream = node.get("S", "")
        if stream and stream.lower() != "progress":
            yield Said(stream=stream.capitalize(), text=unescaped(_text(node)))


def _text(node: ET.Element) -> str:
    """A string, or what an object is called as a string."""
    if node.tag == f"{_NAMES}S":
        return node.text or ""
    return node.findtext(f"{_NAMES}ToString") or ""


def _plain(data: bytes) -> Iterator[Said]:
    if text := data.decode("utf-8", "replace").strip("\r\n"):
        yield Said(stream="", text=text)
