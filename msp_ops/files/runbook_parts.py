"""The files that a runbook is made of: those of its folder, and those that it shares with others.

What runbooks share lies beside their folders, in `_shared/NAME.sh`. A copy that was accepted holds it itself, under the
same names: so both have one digest, and a change of what is shared is a change of each runbook that uses it.

That it was proved is no part of it: a run that is proved afterwards was of this very runbook, and can still be undone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from msp_ops.domain.errors import FileError
from msp_ops.files.script_file import read_script
from msp_ops.files.spelling import read_id

SHARED = "_shared"
PROVEN = "proven.yaml"
LARGEST = 16 * 1024 * 1024


def read_shared(folder: Path, name: str) -> str:
    """The text of one shared file; ValueError or FileError says what is wrong with its name or with itself."""
    return read_script(_shared_folder(folder, name), _file(name))


def runbook_parts(folder: Path, uses: Iterable[str]) -> Mapping[PurePosixPath, Path]:
    """Every file by its name within the runbook, in the digest's order; FileError for a link. Shared names are ids."""
    found = {PurePosixPath(path.relative_to(folder)): path for path in folder.rglob("*") if not _is_folder(path)}
    found.pop(PurePosixPath(PROVEN), None)
    for name in uses:
        path = _shared_folder(folder, name) / _file(name)
        if path.exists() and not _is_folder(path):
            found[PurePosixPath(SHARED, path.name)] = path
    return dict(sorted(found.items()))


def parts_digest(parts: Mapping[PurePosixPath, Path]) -> str:
    """SHA-256 over every file's name and its bytes, in hex; FileError for a huge file."""
    digest = hashlib.sha256()
    for name, path in parts.items():
        for part in (name.as_posix().encode(), _bytes(path)):
            digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _shared_folder(folder: Path, name: str) -> Path:
    own = folder / SHARED
    return own if (own / _file(name)).exists() else folder.parent / SHARED


def _file(name: str) -> str:
    return f"{read_id(name)}.sh"


def _is_folder(path: Path) -> bool:
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        raise FileError(f"{path} is not a plain file; a runbook's folder holds its files themselves, no links")
    return path.is_dir()


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise FileError(
            f"{path} is larger than 16 MiB; a runbook's folder holds what it is made of: move other files elsewhere"
        )
    return content
