"""The library as a whole: every runbook is valid, every script sound."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from msp_ops.checks.table import CHECKS
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import ScriptStep
from msp_ops.engine.script import variables
from msp_ops.files.library import shipped_folder
from msp_ops.files.script_file import FIRST_LINE
from tests.runbooks.practice import LIBRARY

FOLDER = shipped_folder("runbooks")
SCRIPTS = sorted(FOLDER.glob("*/*.sh"))
FUNCTION = re.compile(r"^[a-z_]+\(\) \{\n.*?^\}$", re.MULTILINE | re.DOTALL)
SHELLCHECK = Path(sys.executable).parent / "shellcheck"


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def shell_and_readers(runbook: Runbook) -> str:
    """Everything that could use a parameter."""
    checks = [CHECKS[step.check] for step in (*runbook.steps, *runbook.verify) if step.kind == "check"]
    readers = [Path(check.read.__code__.co_filename).read_text() for check in checks]
    return "\n".join([*runbook.scripts.values(), *readers])


def test_the_library_has_what_the_product_promises() -> None:
    promised = {
        *("patch-linux", "audit-health", "check-backup-restic", "check-backup-postgres"),
        *("fix-service", "fix-disk-full"),
    }
    assert promised <= set(LIBRARY)


@pytest.mark.parametrize("runbook", LIBRARY.values(), ids=LIBRARY)
def test_every_parameter_of_a_runbook_is_used(runbook: Runbook) -> None:
    text = shell_and_readers(runbook)
    spellings = {name: rf"\$?\{{?\b{name.replace('-', '_')}\b|\"{name}\"" for name in runbook.parameters}
    unused = [name for name, spelling in spellings.items() if not re.search(spelling, text)]
    assert not unused


@pytest.mark.parametrize("runbook", LIBRARY.values(), ids=LIBRARY)
def test_every_script_of_a_folder_is_a_step(runbook: Runbook) -> None:
    steps = [*runbook.steps, *runbook.verify, *runbook.undo, *([runbook.preview] if runbook.preview else [])]
    named = {step.file for step in steps if isinstance(step, ScriptStep)}
    shared = {runbook.functions} - {None}
    assert {path.name for path in (FOLDER / runbook.id).glob("*.sh")} - shared == named == set(runbook.scripts)


@pytest.mark.parametrize("runbook", LIBRARY.values(), ids=LIBRARY)
def test_a_runbook_that_changes_a_host_proves_it_by_a_script_of_its_own(runbook: Runbook) -> None:
    scripts = [step for step in runbook.verify if isinstance(step, ScriptStep)]
    assert bool(scripts) == runbook.changes


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_is_clean_posix_shell(path: Path) -> None:
    done = subprocess.run([SHELLCHECK, "--norc", path], text=True, capture_output=True, check=False)
    assert done.stdout == ""
    assert subprocess.run(["dash", "-n", path], check=False).returncode == 0


def front_of(runbook: Runbook) -> str:
    """What stands in front of one of its scripts, and of all of them."""
    front = {whole.removesuffix((FOLDER / runbook.id / file).read_text()) for file, whole in runbook.scripts.items()}
    assert len(front) == 1
    return front.pop()


def delivered(runbook: Runbook) -> str:
    """All its scripts, one after the other, with what stands in front of them once; it has all parameters."""
    own = "".join((FOLDER / runbook.id / file).read_text() for file in runbook.scripts)
    names = dict.fromkeys([*runbook.parameters, "msp-kept"], "x")
    return f"{FIRST_LINE}\n{variables(names)}{front_of(runbook)}{own}"


@pytest.mark.parametrize("runbook", [each for each in LIBRARY.values() if each.scripts], ids=lambda each: each.id)
def test_what_is_delivered_to_a_host_knows_every_name_that_it_uses(runbook: Runbook) -> None:
    """SC1128, SC2034, SC2317, SC2329: further first lines, and names that only another script uses."""
    argv = [str(SHELLCHECK), "--norc", "--exclude=SC1128,SC2034,SC2317,SC2329", "-"]
    done = subprocess.run(argv, input=delivered(runbook), text=True, capture_output=True, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize("path", sorted((FOLDER / "_shared").iterdir()), ids=lambda path: path.name)
def test_what_is_shared_is_used_by_several(path: Path) -> None:
    users = [runbook.id for runbook in LIBRARY.values() if path.stem in runbook.uses]
    assert len(users) > 1, users


@pytest.mark.parametrize("runbook", [each for each in LIBRARY.values() if each.scripts], ids=lambda each: each.id)
def test_what_stands_in_front_of_a_script_takes_no_parameter_away(runbook: Runbook) -> None:
    taken = set(re.findall(r"^([a-z_]+)=", front_of(runbook), re.MULTILINE))
    assert {name for name in runbook.parameters if name.replace("-", "_") in taken} == set()


def test_no_function_stands_in_two_files() -> None:
    """One line may: it is shorter than the word that would share it."""
    where: dict[str, list[str]] = {}
    for path in SCRIPTS:
        for found in FUNCTION.finditer(path.read_text()):
            where.setdefault(found[0], []).append(name_of(path))
    assert len(where) > 200
    assert [files for files in where.values() if len(files) > 1] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_stops_at_the_first_error_and_speaks_english(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("#!/bin/sh\n# ")
    assert "\nset -eu\nLC_ALL=C.UTF-8\n" in text


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_says_nothing_that_its_reader_does_not_know(path: Path) -> None:
    """A misspelt report line is output that nobody acts upon."""
    said = re.findall(r"msp: (\w+)", path.read_text())
    assert set(said) <= {"changed", "finding", "measurement", "why"}


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_text_from_elsewhere_is_never_echoed(path: Path) -> None:
    """dash's echo turns backslashes of a file's name into control characters; printf with %s does not."""
    echoed = re.findall(
        r"^\s*echo .*\$(?:file|name|unit|said|last|folder|mount|path|service)\b", path.read_text(), re.MULTILINE
    )
    assert not echoed
