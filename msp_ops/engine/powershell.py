"""A `.ps1` as it goes to a Windows host: what it is given stands in front as data, whatever signs it holds.

PowerShell ends a string at five kinds of quotes and knows three ways to put a command into one: no value is ever text.
"""

from base64 import b64encode
from collections.abc import Mapping

from msp_ops.domain.given import Given
from msp_ops.transports.base import Session
from msp_ops.transports.winrm.spoken import MARK


def is_windows(session: Session) -> bool:
    """Whether this session takes PowerShell, and nothing else."""
    return getattr(session, "shell", "sh") == "powershell"


def in_powershell(values: Mapping[str, str], kept: str, given: Given, text: str) -> str:
    """`only-security` becomes `$only_security`; a file that was given is its bytes. `kept`: the run's id."""
    said = {**values, **given.secrets}
    front = [f"{_variable(name)} = {_text_of(value)}\n" for name, value in sorted(said.items())]
    files = [f"{_variable(name)} = {_bytes_of(content)}\n" for name, content in sorted(given.files.contents.items())]
    folder = f"$msp_kept = Join-Path $env:ProgramData {_text_of(f'msp-ops/kept/{kept}')}\n"
    return "".join((MARK.decode(), *front, *files, folder, text))


def _variable(name: str) -> str:
    return f"${name.replace('-', '_')}"


def _text_of(value: str) -> str:
    return f"[Text.Encoding]::UTF8.GetString({_bytes_of(value.encode())})"


def _bytes_of(value: bytes) -> str:
    return f"[Convert]::FromBase64String('{b64encode(value).decode()}')"
