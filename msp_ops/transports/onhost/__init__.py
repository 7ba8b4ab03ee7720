"""The POSIX sh that runs on a host around every script. No Python is needed there.

`loader.sh` travels in the command line: it reads one payload from standard input, whole and checked, and runs it.
The others are payloads: they keep a parcel in a folder that only its user can read.
"""

from importlib.resources import files
from shlex import quote

_NEEDS = {
    "deliver": ("folder",),
    "commit": ("folder", "process"),
    "follow": ("folder", "process"),
    "collect": ("folder", "process", "members", "standing"),
    "withdraw": ("folder", "process", "members", "standing", "closing"),
    "cancel": ("folder", "process", "members", "standing", "closing"),
    "forget": ("folder", "process", "members", "standing"),
}


def read_program(name: str) -> str:
    """A program of this folder, without its comment lines."""
    lines = files(__package__).joinpath(f"{name}.sh").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#")) + "\n"


LOADER = " ".join(read_program("loader").split())
SUPERVISOR = "".join(read_program(part) for part in ("process", "members", "supervisor"))


def payload(name: str, **variables: str | int) -> bytes:
    """A program with what it needs and its variables in front, quoted."""
    front = "".join(f"{key}={quote(str(value))}\n" for key, value in sorted(variables.items()))
    return (front + "".join(read_program(part) for part in (*_NEEDS[name], name))).encode()
