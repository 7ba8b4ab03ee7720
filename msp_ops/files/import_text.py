"""The files of another program, read whole: text in UTF-8 with a limit, never a program and nothing encrypted."""

import os
from collections.abc import Iterator
from pathlib import Path

from msp_ops.domain.errors import FileError
from msp_ops.domain.record import record
from msp_ops.files.import_draft import Remark
from msp_ops.files.text_file import MEBIBYTE, read_text

MOST = 8  # MiB of one file
MOST_FILES = 2000
VAULT, PROGRAM = "$ANSIBLE_VAULT;", "#!"
VARIABLES = ("group_vars", "host_vars")


@record
class Source:
    """An inventory's files by the name a person knows, relative to the folder that they are in."""

    folder: Path
    start: str
    texts: dict[str, str]
    remarks: tuple[Remark, ...] = ()


def read_source(path: Path) -> str:
    """FileError with file:line:col when it is no text in UTF-8, and when it is larger than 8 MiB or no file."""
    return read_text(path, most=MOST, instead="no inventory is: import it in parts")


def read_inventory(path: Path) -> Source:
    """A file with the `group_vars` and `host_vars` beside it, or a folder. FileError when it is itself a program."""
    folder, start = (path, ".") if path.is_dir() else (path.parent, path.name)
    inside = [path] if start != "." else []
    places = [folder] if start == "." else [folder / name for name in VARIABLES]
    texts: dict[str, str] = {}
    remarks, size = [], 0
    for each in [*inside, *(found for place in places for found in _files(place))]:
        name = str(each.relative_to(folder))
        if why := _leads_out(each, folder):
            remarks.append(_not_read(folder / name, why, "import what it leads to, or copy it here"))
            continue
        text = read_source(each)
        size += len(text)
        if size > 4 * MOST * MEBIBYTE or len(texts) >= MOST_FILES:
            raise FileError(
                f"{folder} holds more than an inventory: more than 32 MiB or {MOST_FILES} files; name a file"
            )
        if text.startswith(PROGRAM) and name == start:
            raise FileError(
                f"{path} is a program and is not run; run it yourself and import what it says: "
                f"ansible-inventory -i {path} --list > inventory.json"
            )
        if text.startswith(VAULT) and name == start:
            raise FileError(f"{path} is encrypted with ansible-vault; import what it holds: ansible-vault view {path}")
        if text.startswith((VAULT, PROGRAM)):
            why = "a program, which is not run" if text.startswith(PROGRAM) else "encrypted with ansible-vault"
            remarks.append(
                _not_read(folder / name, why, "say in the client's file what it holds of addresses and users")
            )
            continue
        texts[name] = text
    return Source(folder=folder, start=start, texts=texts, remarks=tuple(remarks))


def read_included(pattern: str, includer: str, top: Path) -> list[tuple[str, str]]:
    """Of ssh's `Include`; ValueError when it leads out of the folder of the configuration."""
    wanted = pattern.removeprefix("~/.ssh/")
    if wanted.startswith(("~", "/")) and not Path(wanted).is_relative_to(top.resolve()):
        raise ValueError(f"it lies outside of {top}; import that file by itself")
    wanted = str(Path(wanted).relative_to(top.resolve())) if wanted.startswith("/") else wanted
    found = []
    for path in sorted(top.glob(wanted))[:MOST_FILES]:
        if not path.resolve().is_relative_to(top.resolve()):
            raise ValueError(f"it lies outside of {top}; import that file by itself")
        if path.is_file() and str(path) != includer:
            found.append((str(path), read_source(path)))
    return found


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and not name.endswith(("~", ".retry", ".pyc", ".swp")) and not path.is_dir():
                yield path


def _leads_out(path: Path, folder: Path) -> str:
    inside = path.resolve().is_relative_to(folder.resolve())
    return "" if inside or not path.is_symlink() else "a link that leads out of the folder; it was not followed"


def _not_read(path: Path, why: str, todo: str) -> Remark:
    return Remark(verdict="not taken over", what="a file", why=why, todo=todo, where=(str(path),))
