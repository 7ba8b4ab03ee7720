"""Rehearsals from the folder `rehearsals/` of their runbook: one YAML file each."""

from dataclasses import replace
from pathlib import Path

from msp_ops.domain.errors import FileError
from msp_ops.domain.record import record
from msp_ops.domain.rehearsal import Rehearsal
from msp_ops.domain.runbook import Runbook
from msp_ops.files.rehearsal_rules import check_rehearsal
from msp_ops.files.spelling import read_id
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.typed import read_typed

FOLDER = "rehearsals"


@record
class Rehearsals:
    """Those that could be read, and the mistakes of the others."""

    sound: tuple[Rehearsal, ...] = ()
    mistakes: tuple[FileError, ...] = ()


def load_rehearsals(folder: Path, runbook: Runbook) -> Rehearsals:
    """All of the runbook that lies in `folder`, by name."""
    sound, mistakes = [], []
    for path in sorted(path for path in (folder / FOLDER).glob("*.y*ml") if not path.name.startswith(".")):
        try:
            sound.append(load_rehearsal(path, runbook))
        except FileError as mistake:
            mistakes.append(mistake)
    return Rehearsals(sound=tuple(sound), mistakes=tuple(mistakes))


def load_rehearsal(path: Path, runbook: Runbook) -> Rehearsal:
    """One file; FileError with every mistake in it."""
    try:
        name = read_id(path.stem)
    except ValueError as error:
        raise FileError(f"{path}: the file's name is the rehearsal's; {error}") from error
    document = read_yaml(path)
    rehearsal = read_typed(document, Rehearsal)
    check_rehearsal(document, rehearsal, runbook)
    document.check()
    return replace(rehearsal, name=name)
