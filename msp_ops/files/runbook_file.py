"""Runbooks from their folders: `runbook.yaml` beside the scripts that its steps name.

A step's kind is told by its key: `- check: disk`, `- script: fix.sh`, `- reboot: if-needed`, `- wait: is-it-up.sh`. A
step without a name is called by that word, a reboot `reboot`.
`changes` may be left out: in `preview`, `verify` and a read-only runbook it then means no, elsewhere yes.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from msp_ops.domain.errors import FileError
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import (
    POWERSHELL,
    ApproveStep,
    CheckStep,
    ModuleStep,
    PlaybookStep,
    RebootStep,
    ScriptStep,
    Step,
    WaitStep,
)
from msp_ops.files.client_rules import check_unique
from msp_ops.files.document import Document, Where
from msp_ops.files.runbook_parts import parts_digest, read_shared, runbook_parts
from msp_ops.files.runbook_rules import check_runbook, placed_steps
from msp_ops.files.script_file import find_file, read_script
from msp_ops.files.spelling import read_id
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.typed import read_typed

S = TypeVar("S", bound=Step)


def load_runbook(folder: Path, known_checks: frozenset[str] | None = None) -> Runbook:
    """The runbook of that folder; FileError with every mistake in it.

    Without `known_checks` the names of checks are not looked at.
    """
    runbook_id = _folder_id(folder)
    document = read_yaml(folder / "runbook.yaml")
    runbook = _completed(document, read_typed(document, Runbook))
    check_runbook(document, runbook, known_checks)
    shared = _shared(document, folder, runbook)
    digest = parts_digest(runbook_parts(folder, shared))
    front = "".join(shared.values()) + _functions(document, folder, runbook)
    scripts = _scripts(document, folder, runbook, front)
    document.check()
    return replace(runbook, id=runbook_id, scripts=scripts, digest=digest, folder=str(folder.resolve()))


def runbook_folders(parent: Path) -> Iterable[Path]:
    """By name; what begins with a dot or an underline is none."""
    if not parent.is_dir():
        return ()
    return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))


def _folder_id(folder: Path) -> str:
    try:
        return read_id(folder.name)
    except ValueError as error:
        raise FileError(f"{folder}: the folder's name is the runbook's id; {error}") from error


def _completed(document: Document, runbook: Runbook) -> Runbook:
    """With everything that may be left out in the file."""
    acts = runbook.changes
    return replace(
        runbook,
        risk=runbook.risk if acts or document.node(["risk"]) else "R0",
        evidence=_named(document, "evidence", runbook.evidence, acts=False),
        steps=_named(document, "steps", runbook.steps, acts=acts),
        verify=_named(document, "verify", runbook.verify, acts=False),
        undo=_named(document, "undo", runbook.undo, acts=True),
        preview=runbook.preview and _step(document, ["preview"], runbook.preview, acts=False),
    )


def _named(document: Document, part: str, steps: tuple[S, ...], *, acts: bool) -> tuple[S, ...]:
    return tuple(_step(document, [part, number], step, acts=acts) for number, step in enumerate(steps))


def _step(document: Document, where: Where, step: S, *, acts: bool) -> S:
    match step:
        case CheckStep():
            return replace(step, name=step.name or step.check)
        case RebootStep():
            return replace(step, name=step.name or "reboot")
        case ApproveStep():
            return replace(step, name=step.name or "approval")
        case ModuleStep():
            said = document.node([*where, "changes"]) is not None
            name = step.name or step.module.rpartition(".")[2]
            return replace(step, name=name, changes=step.changes if said else acts)
        case PlaybookStep() if step.of_collection:
            return replace(step, name=step.name or step.file.rpartition(".")[2])
        case WaitStep() | PlaybookStep():
            return replace(step, name=step.name or Path(step.file).stem)
        case ScriptStep():
            said = document.node([*where, "changes"]) is not None
            return replace(step, name=step.name or Path(step.file).stem, changes=step.changes if said else acts)


def _scripts(document: Document, folder: Path, runbook: Runbook, front: str) -> dict[str, str]:
    scripts: dict[str, str] = {}
    for where, step in placed_steps(runbook):
        try:
            match step:
                case ScriptStep(file=file) | WaitStep(file=file) if file not in scripts:
                    own = read_script(folder, file)
                    scripts[file] = own if file.endswith(POWERSHELL) else front + own
                case PlaybookStep(file=file) if not step.of_collection:
                    find_file(folder, file)
                case _:
                    pass
        except (FileError, ValueError) as error:
            document.complain([*where, step.kind], str(error))
    return scripts


def _shared(document: Document, folder: Path, runbook: Runbook) -> dict[str, str]:
    """What it shares with other runbooks, by name: as it is written, for one file may need another before it."""
    shared: dict[str, str] = {}
    check_unique(document, [(["uses", number], name) for number, name in enumerate(runbook.uses)], "the shared file")
    for number, name in enumerate(runbook.uses):
        try:
            shared[name] = read_shared(folder, name)
        except (FileError, ValueError) as error:
            document.complain(["uses", number], str(error))
    return shared


def _functions(document: Document, folder: Path, runbook: Runbook) -> str:
    """What its own scripts share; nothing where there is none."""
    if runbook.functions is None:
        return ""
    try:
        return read_script(folder, runbook.functions)
    except (FileError, ValueError) as error:
        document.complain(["functions"], str(error))
        return ""
