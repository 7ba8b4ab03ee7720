"""The checks as a whole: none is forgotten, each command is sound shell."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import msp_ops.checks
from msp_ops.checks.base import Check
from msp_ops.checks.table import CHECKS
from msp_ops.domain.step import FROM_HERE

ASKED_OF_HOSTS = sorted(name for name, check in CHECKS.items() if check.command)
SHELLCHECK = Path(sys.executable).parent / "shellcheck"


def test_every_module_with_a_check_is_in_the_table() -> None:
    names = [module.name for module in pkgutil.iter_modules(msp_ops.checks.__path__)]
    modules = [importlib.import_module(f"msp_ops.checks.{name}") for name in names]
    found = [module.CHECK for module in modules if isinstance(getattr(module, "CHECK", None), Check)]
    assert sorted(CHECKS) == sorted(check.name for check in found)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_check_is_named_as_its_module(name: str) -> None:
    module = importlib.import_module(f"msp_ops.checks.{name.replace('-', '_')}")
    assert CHECKS[name] is module.CHECK


@pytest.mark.parametrize("name", ASKED_OF_HOSTS)
def test_a_command_is_clean_posix_shell(name: str) -> None:
    """Parameters come from outside, so 'referenced but not assigned' (SC2154) is as it should be."""
    command = "#!/bin/sh\n" + CHECKS[name].command
    options = ["--shell=dash", "--exclude=SC2154", "--norc", "-"]
    done = subprocess.run([SHELLCHECK, *options], input=command, text=True, capture_output=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0


@pytest.mark.parametrize("name", ASKED_OF_HOSTS)
def test_a_command_speaks_english_and_says_its_end(name: str) -> None:
    assert CHECKS[name].command.startswith("\nLC_ALL=C")
    assert CHECKS[name].command.endswith('\necho "== end"\n')


def test_a_check_without_a_command_is_one_that_is_made_from_here() -> None:
    assert set(CHECKS) - set(ASKED_OF_HOSTS) == set(FROM_HERE)
