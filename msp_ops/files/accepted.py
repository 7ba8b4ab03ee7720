"""`accepted/` of a workspace: the versions of runbooks that schedules use, each with the word of who accepted it.

A copy, not a number: a new version of msp-ops changes what technicians find, and what runs at night only when somebody
has read the differences. Whoever keeps the workspace under version control reviews them there.
"""

import difflib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from msp_ops.domain.acceptance import Acceptance
from msp_ops.domain.errors import FileError
from msp_ops.domain.runbook import Runbook
from msp_ops.files.folder import locked, make_folder, replace_file
from msp_ops.files.runbook_file import load_runbook
from msp_ops.files.runbook_parts import parts_digest, runbook_parts
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.typed import read_typed

NAME = "accepted"
WORD = """\
# Written by: msp-ops runbooks accept {id}. Schedules use this version until another one is accepted.
digest: "{digest}"
by: {by}
at: {at:%Y-%m-%dT%H:%M:%SZ}
"""


def load_accepted(root: Path, known_checks: frozenset[str] | None) -> tuple[dict[str, Runbook], dict[str, FileError]]:
    """The accepted versions by id, and the mistakes of the others: one that was changed since is none."""
    runbooks: dict[str, Runbook] = {}
    mistakes: dict[str, FileError] = {}
    for path in sorted((root / NAME).glob("*.yaml")):
        try:
            runbooks[path.stem] = _sound(path, known_checks)
        except FileError as mistake:
            mistakes[path.stem] = mistake
    return runbooks, mistakes


def accept(root: Path, runbook: Runbook, acceptance: Acceptance) -> None:
    """Schedules use this version from now on. FileError: nothing was changed, or the copy and its word disagree."""
    make_folder(root / NAME)
    place = root / NAME / runbook.id
    with locked(root / NAME):
        fresh, old = place.with_name(f".{runbook.id}.new"), place.with_name(f".{runbook.id}.old")
        try:
            for left in (fresh, old):
                shutil.rmtree(left, ignore_errors=True)
            _copy(runbook, fresh)
            if parts_digest(runbook_parts(fresh, ())) != acceptance.digest:
                raise FileError(f"{runbook.folder} was changed just now; look at the differences again")
            if place.exists():
                place.rename(old)
            fresh.rename(place)
        except OSError as error:
            raise FileError(f"{place} cannot be written: {error.strerror}") from error
        word = WORD.format(id=runbook.id, digest=acceptance.digest, by=json.dumps(acceptance.by), at=acceptance.at)
        replace_file(place.with_suffix(".yaml"), word)
        shutil.rmtree(old, ignore_errors=True)


def read_acceptance(root: Path, runbook_id: str) -> Acceptance:
    """Who accepted it, and when; FileError."""
    return read_typed(read_yaml(root / NAME / f"{runbook_id}.yaml"), Acceptance)


def differences(old: Runbook | None, new: Runbook) -> Iterator[tuple[str, list[str]]]:
    """Each changed file with its lines as `diff -u` shows them; all of a new runbook's when there is no old one."""
    before, after = _texts(old), _texts(new)
    for name in sorted(before.keys() | after.keys()):  # only a line feed ends a line: other signs could hide a change
        was, now = before.get(name, []), after.get(name, [])
        if was != now:
            places = (f"accepted/{new.id}/{name}", f"{new.id}/{name}")
            yield name, list(difflib.unified_diff(was, now, *places, lineterm=""))


def _sound(path: Path, known_checks: frozenset[str] | None) -> Runbook:
    word = read_typed(read_yaml(path), Acceptance)
    runbook = load_runbook(path.with_suffix(""), known_checks)
    if runbook.digest != word.digest:
        raise FileError(
            f"{path.with_suffix('')} was changed after {word.by} accepted it: bring it back from version control, or "
            f"accept the library's version: msp-ops runbooks accept {runbook.id}"
        )
    return runbook


def _copy(runbook: Runbook, into: Path) -> None:
    """With what it shares with others: those may change, this version does not."""
    for name, path in runbook_parts(Path(runbook.folder), runbook.uses).items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, into / name)


def _texts(runbook: Runbook | None) -> dict[str, list[str]]:
    if runbook is None:
        return {}
    return {
        name.as_posix(): path.read_bytes().decode(errors="backslashreplace").split("\n")
        for name, path in runbook_parts(Path(runbook.folder), runbook.uses).items()
    }
