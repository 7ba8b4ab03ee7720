"""Each file below a check's folder is a host's answer and what the check makes of it; most answers are real ones."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from msp_ops.checks.base import Seen, UnreadableError
from msp_ops.checks.table import CHECKS
from msp_ops.domain.client import Policy
from msp_ops.domain.finding import Reading

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.yaml"))


def name_of(case: Path) -> str:
    return f"{case.parent.name}: {case.stem.replace('-', ' ')}"


def seen_in(case: dict[str, Any]) -> Seen:
    return Seen(
        output=case["output"],
        exit_code=case.get("exit_code", 0),
        parameters=case.get("parameters", {}),
        policy=TypeAdapter(Policy).validate_python(case.get("policy", {})),
        at=datetime.fromisoformat(case["at"]),
    )


def as_written(reading: Reading) -> dict[str, Any]:
    """As a case spells it."""
    return {
        "findings": [f"{found.severity} {found.subject}: {found.message}" for found in reading.findings],
        "measurements": [f"{one.name} {one.value} {one.unit}" for one in reading.measurements],
        **({"unjudged": list(reading.unjudged)} if reading.unjudged else {}),
        **({"untold": reading.untold} if reading.untold else {}),
    }


def got(check: str, case: dict[str, Any]) -> dict[str, Any]:
    try:
        return as_written(CHECKS[check].read(seen_in(case)))
    except UnreadableError as error:
        return {"unreadable": str(error)}


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_a_check_makes_of_an_answer_what_its_case_says(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    want = {key: case[key] for key in ("findings", "measurements", "unjudged", "untold", "unreadable") if key in case}
    assert got(path.parent.name, case) == want, f"{path}: GOT (left), WANT (right)"


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_each_check_has_a_good_a_bad_and_an_unreadable_answer(check: str) -> None:
    cases = [yaml.safe_load(path.read_text()) for path in (HERE / check).glob("*.yaml")]
    kinds = {"unreadable" if "unreadable" in case else "bad" if case["findings"] else "good" for case in cases}
    assert {"good", "bad", "unreadable"} == kinds


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_an_answer_cut_anywhere_is_unreadable_or_says_what_the_whole_says(path: Path) -> None:
    """A lost link or a full buffer must never turn a finding into silence."""
    case = yaml.safe_load(path.read_text())
    whole = got(path.parent.name, case)
    output = case["output"]
    for length in range(0, len(output.rstrip()), max(1, len(output) // 60)):
        part = got(path.parent.name, case | {"output": output[:length]})
        assert "unreadable" in part or part == whole, f"cut after {length} characters: {part}"
