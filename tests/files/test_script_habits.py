"""A value that a report tells must not become a report of its own."""

from pathlib import Path

import pytest

from msp_ops.files.script_habits import forgeable
from tests.files.cast import write

LIBRARY = Path(__file__).parents[2] / "runbooks"


@pytest.mark.parametrize(
    "line",
    [
        'echo "msp: why cannot read $dir"',
        '  echo -n "msp: changed $(basename "$x") gone"',
        "if x; then echo msp: why $1; fi",
        'echo "msp: why `date`"',
    ],
)
def test_a_report_by_echo_with_a_value_in_it_is_told_at_its_place(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "parts/fix.sh", f"#!/bin/sh\n{line}\n")
    (told,) = map(str, forgeable(tmp_path))
    assert told.startswith(f"{path}:2:{line.index('echo') + 1}: echo turns '\\n' within a value into a new line")
    assert "right is printf 'msp: … %s\\n' \"$value\"" in told


@pytest.mark.parametrize(
    "line",
    [
        'echo "msp: why there is no lock"',
        "printf 'msp: why %s\\n' \"$dir\"",
        'echo "$dir is there"',
        '# echo "msp: why $dir"',
        'echo "msp: why it is gone"; rm -- "$dir"',
    ],
)
def test_every_other_line_is_left_alone(tmp_path: Path, line: str) -> None:
    write(tmp_path / "fix.sh", f"#!/bin/sh\n{line}\n")
    assert list(forgeable(tmp_path)) == []


def test_no_script_of_the_library_reports_so() -> None:
    assert list(forgeable(LIBRARY)) == []
