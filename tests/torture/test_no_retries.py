"""A change that failed is never started again by Prefect."""

import ast
from pathlib import Path

FLOWS = Path(__file__).parents[2] / "flows"


def decorators(file: Path) -> list[ast.Call]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [each for function in functions for each in function.decorator_list if isinstance(each, ast.Call)]


def test_no_flow_is_tried_again_by_prefect():
    found = [each for file in sorted(FLOWS.glob("*.py")) for each in decorators(file)]
    assert found
    for each in found:
        assert not [word.arg for word in each.keywords if word.arg and word.arg.startswith("retr")]
