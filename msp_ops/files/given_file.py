"""What lies in a file that a parameter names: read once, bounded, and a plain file."""

import os
import stat
from pathlib import Path

from msp_ops.domain.errors import FileError

LARGEST = 1024 * 1024  # bytes: it travels to each host with each step


def read_given_file(workspace: Path, written: str) -> bytes:
    """Its bytes; a relative path begins at the workspace. FileError when it cannot be read, or is too much."""
    path = workspace / written
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FileError(f"{path} is no plain file; right is a file of at most 1 MiB")
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise FileError(f"the file {path} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise FileError(f"{path} is larger than 1 MiB; let the script fetch on the host what is larger")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that nobody writes into would hold us for ever."""
    return os.open(path, flags | os.O_NONBLOCK)
