"""Pinned host keys: `acme.pins` beside `acme.yaml`, one `HOST TYPE BASE64 [comment]` a line, `#` begins a comment.

The gateway of a site stands as `gateway:SITE`. A host may have several keys. The file belongs to the machines
that it was made for, so it lies beside the intent and not in it.
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

from msp_ops.domain.errors import FileError
from msp_ops.files.folder import locked, replace_file
from msp_ops.files.spelling import KEBAB
from msp_ops.files.strict_yaml import UNPRINTABLE, unprintable
from msp_ops.files.text_file import read_text

Pins = Mapping[str, tuple[str, ...]]
HOST = re.compile(rf"(?:gateway:)?{KEBAB.pattern}")
CERTIFICATE = "x509-sha256"  # of a host that is reached over WinRM: SHA-256 of the whole certificate
TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa", CERTIFICATE)


def gateway_name(site_id: str) -> str:
    """What a site's gateway is called among the pins."""
    return f"gateway:{site_id}"


def load_pins(path: Path) -> Pins:
    """Keys as `type base64` by host; nothing when there is no such file. FileError names every bad line."""
    if not path.exists():
        return {}
    pins: dict[str, tuple[str, ...]] = {}
    mistakes = []
    for number, line in enumerate(_lines(path), start=1):
        try:
            if pin := _read_line(line):
                pins[pin[0]] = (*pins.get(pin[0], ()), pin[1])
        except ValueError as error:
            mistakes.append(f"{path}:{number}:1: {error}\n{number:>4} | {UNPRINTABLE.sub('?', line[:200])}\n     | ^")
    if mistakes:
        raise FileError("\n".join(mistakes))
    return pins


def write_pin(path: Path, host_id: str, key: str) -> None:
    """Makes a `type base64` key the only one of that host: an older key loses its trust. Every other line stays.

    The file is replaced at once and durable on return. FileError when any line would not read back.
    """
    line = f"{host_id} {key}"
    try:
        _read_line(line)
    except ValueError as error:
        raise FileError(f"{path}: this key is not pinned: {error}") from error
    with locked(path.parent):
        load_pins(path)
        lines = _lines(path) if path.exists() else []
        same = [number for number, old in enumerate(lines) if old.split()[:1] == [host_id]]
        kept = [old for number, old in enumerate(lines) if number not in same[1:]]
        if same:
            kept[same[0]] = line
        replace_file(path, "\n".join(kept if same else [*kept, line]) + "\n")


def _lines(path: Path) -> list[str]:
    """Ended by line feeds alone; str.splitlines() would find a pin inside a comment."""
    text = read_text(path).replace("\r\n", "\n").removesuffix("\n")
    return text.split("\n") if text else []


def _read_line(line: str) -> tuple[str, str] | None:
    """Host and key; None for an empty line or a comment."""
    if odd := UNPRINTABLE.search(line) or re.search("\n", line):
        raise ValueError(unprintable(odd[0]))
    words = line.split()
    if not words or words[0].startswith("#"):
        return None
    if len(words) < 3:
        raise ValueError("a pin is HOST TYPE BASE64, all in one line")
    host, kind, body = words[:3]
    if not HOST.fullmatch(host):
        raise ValueError(f"'{host}' is neither a host's id nor gateway:SITE")
    if kind not in TYPES:
        raise ValueError(f"'{kind}' is not a type of host key; right is {', '.join(TYPES)}")
    if not _is_key(kind, body):
        raise ValueError(
            f"this is not a whole {kind} key in base64; copy it again: ssh-keyscan prints it as HOST TYPE BASE64"
        )
    return host, f"{kind} {body}"


def _is_key(kind: str, body: str) -> bool:
    """A public key says its type first, behind its length: RFC 4253 section 6.6."""
    try:
        raw = b64decode(body, validate=True)
    except ValueError:
        return False
    if kind == CERTIFICATE:
        return len(raw) == 32
    named = len(kind).to_bytes(4) + kind.encode()
    return raw.startswith(named) and len(raw) > len(named) + 4
