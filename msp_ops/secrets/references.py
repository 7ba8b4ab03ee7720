"""`env:NAME` and `file:path`: where a secret is, never what it is."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from msp_ops.domain.errors import FileError

Resolve = Callable[[str], str]


def resolver(workspace: Path, environment: Mapping[str, str]) -> Resolve:
    """A function from reference to value; relative paths begin at the workspace. Raises FileError."""

    def resolve(reference: str) -> str:
        kind, _, name = reference.partition(":")
        match kind:
            case "env" if name in environment:
                return environment[name]
            case "env":
                raise FileError(f"the secret {reference} is not set: export {name} before msp-ops starts")
            case "file":
                return _read_private(secret_path(workspace, reference))
            case _:
                raise FileError(f"{kind!r} is not a kind of secret reference; right would be env:NAME or file:path")

    return resolve


def secret_path(workspace: Path, reference: str) -> Path:
    """Where a `file:` reference points."""
    return workspace / Path(reference.removeprefix("file:")).expanduser()


def _read_private(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise FileError(f"{path} can be read by others (mode {mode & 0o777:04o}); do: chmod 600 {path}")
            return file.read().removesuffix("\n")
    except UnicodeDecodeError:
        raise FileError(f"the secret file:{path} is not text in UTF-8") from None
    except OSError as error:
        raise FileError(f"the secret file:{path} cannot be read: {error.strerror}") from None
