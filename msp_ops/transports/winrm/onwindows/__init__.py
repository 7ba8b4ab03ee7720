"""The PowerShell that runs on a Windows host around every script, for 5.1. It parses; Windows has never run it.

`launcher.ps1` travels in the command line: it reads one payload from standard input, whole and checked, and runs it.
The others are payloads: they keep a parcel in a folder that only administrators can read. `supervisor.ps1` watches a
script as a scheduled task.
"""

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files

_NEEDS = {
    "ask": ("child",),
    "deliver": ("folder",),
    "commit": ("folder",),
    "follow": ("child", "folder", "standing"),
    "collect": ("child", "folder", "standing"),
    "withdraw": ("child", "folder", "standing"),
    "cancel": ("child", "folder", "standing"),
    "forget": ("child", "folder", "standing"),
}
VERBS = tuple(_NEEDS)


def read_program(name: str) -> str:
    """A program of this folder, without its comment lines."""
    lines = files(__package__).joinpath(f"{name}.ps1").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#")) + "\n"


@cache  # read from the disk once, not for each question
def program(verb: str) -> str:
    """All of a verb's text behind its two lines of data."""
    return "".join(read_program(part) for part in ("prelude", *_NEEDS[verb], verb))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-le")).decode()


LAUNCHER = _encoded(read_program("launcher"))
COMMAND = (
    f"powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -OutputFormat Text -EncodedCommand {LAUNCHER}"
)
_SUPERVISOR_PARTS = ("prelude", "child", "folder", "standing", "supervisor")
SUPERVISOR = '$msp = [IO.File]::ReadAllText("$here\\order")\n' + "".join(map(read_program, _SUPERVISOR_PARTS))


def payload(verb: str, asked: dict[str, str | int | float], script: bytes = b"") -> bytes:
    """What goes to standard input: the SHA-256 of the rest, then the rest. Values and script are base64: only data."""
    told = json.dumps({"verb": verb, "launcher": LAUNCHER, **asked}).encode()
    front = f"$msp = '{base64.b64encode(told).decode()}'\n$mspScript = '{base64.b64encode(script).decode()}'\n"
    whole = (front + program(verb)).encode()
    return hashlib.sha256(whole).hexdigest().encode() + whole
