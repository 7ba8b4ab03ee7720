"""The scripts of a runbook: POSIX sh, or PowerShell, in files that lie in the runbook's own folder."""

from pathlib import Path, PurePosixPath

from msp_ops.domain.step import POWERSHELL
from msp_ops.files.text_file import read_text

FIRST_LINE = "#!/bin/sh"


def read_script(folder: Path, name: str) -> str:
    """Its text; ValueError or FileError says what is wrong with the file."""
    try:
        path = find_file(folder, name)
    except OSError as error:
        raise ValueError(f"the file cannot be found: {error.strerror}") from error
    text = read_text(path)
    if "\r" in text and not name.endswith(POWERSHELL):
        raise ValueError(f"{path} has line ends of Windows, which sh does not understand; save it with Unix line ends")
    if "\0" in text:
        raise ValueError(f"{path} is not text: it has a NUL byte")
    first = text.partition("\n")[0]
    if not name.endswith(POWERSHELL) and first != FIRST_LINE:
        raise ValueError(f"{path} begins with '{first[:60]}'; a script is POSIX sh and begins with {FIRST_LINE}")
    return text


def find_file(folder: Path, name: str) -> Path:
    """Where it lies; ValueError when that is not in the folder."""
    written = PurePosixPath(name)
    path = folder / written
    if written.is_absolute() or ".." in written.parts or not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"'{name}' lies outside of the runbook's folder; put the script into {folder}")
    if not path.is_file():
        here = sorted(one.name for one in folder.glob(f"*{written.suffix}"))
        raise ValueError(f"there is no file '{name}' in {folder}; there are: {', '.join(here) or 'none'}")
    return path
