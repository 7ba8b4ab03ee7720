"""The page of faults is complete, and every proof that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ?([^|]*?) ?\| ([^|]+) \|$", re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FAULTS = ROW.findall((ROOT / "docs" / "faults.md").read_text(encoding="utf-8"))


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_fault_stands_there_once_in_its_order():
    assert [int(number) for number, *_ in FAULTS] == list(range(1, 66))


def test_every_proof_exists():
    named = [(file, name) for *_, proof in FAULTS for file, name in PROOF.findall(proof)]
    assert len(named) > 50
    missing = [f"{file}::{name}" for file, name in named if name not in names_in(file)]
    assert not missing


def test_a_fault_without_a_proof_says_why():
    for number, _, does, proof in FAULTS:
        if proof.startswith("not yet: "):
            continue
        assert PROOF.findall(proof), f"{number} has neither a proof nor a reason"
        assert does, f"{number} has a proof of nothing"
