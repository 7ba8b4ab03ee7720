"""The library as a whole: every runbook is valid, every script sound."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from msp_ops.checks.table import CHECKS
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import ScriptStep
from msp_ops.files.library import shipped_folder
from tests.runbooks.practice import LIBRARY

FOLDER = shipped_folder("runbooks")
SCRIPTS = sorted(FOLDER.glob("*/*.sh"))
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
