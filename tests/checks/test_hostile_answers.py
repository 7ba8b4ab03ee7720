"""A host may answer with anything: no reader hangs, and none fails but by saying what it cannot read."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from msp_ops.checks.base import UnreadableError
from msp_ops.checks.table import CHECKS
from tests.checks.test_cases import CASES, name_of, seen_in

CPU_SECONDS = 1
MOST = 400_000  # a transport keeps 1 MiB of an answer
FIGURE = re.compile(r"\d+(?:\.\d+)?")
FIGURES = (
    *("1e300000", "-1e300000", "1e-300000", "0e300000", "1e20", "1e19", "1e-19", "99999999999999", "-99999999999999"),
    *("NaN", "sNaN", "Infinity", "-1", "0", "9" * 5000, "1." + "0" * 5000, "1_0", "٣", "²"),
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|\w{3} [ \d]\d [\d:]{8} \d{4} GMT")
MOMENTS = (
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00", "2026-02-30T00:00:00Z"),
    *("Jan  1 00:00:00 0001 GMT", "Dec 31 23:59:59 9999 GMT", "Feb 30 00:00:00 2026 GMT", "Jan  1 00:00:60 2026 GMT"),
)
VALUE = re.compile(r'"[^"]*"|\[.*\]|\{.*\}')
VALUES = (
    *("[" * 100_000, '{"a":' * 100_000, "[" * 900 + "]" * 900, '{"message":' + "[" * 900 + "]" * 900 + "}"),
    *("null", "[null]", "{}", "[]", "[{}]", "1e400", "-1", "true", "NaN", "9" * 4000, '"\\ud800"'),
)
LINES = ("1 " * MOST, "x" * 2 * MOST, "\x00", "\u2028", "== now", "msp: changed x", "", "\tx\t" * MOST)


def each_alone(pattern: re.Pattern[str], output: str, hostile: str) -> Iterator[str]:
    """Only the first ones: an answer of a thousand figures repeats itself."""
    for found in list(pattern.finditer(output))[:60]:
        yield output[: found.start()] + hostile + output[found.end() :]


def spoilt(output: str) -> Iterator[str]:
    for pattern, all_hostile in ((FIGURE, FIGURES), (MOMENT, MOMENTS), (VALUE, VALUES)):
        for hostile in all_hostile:
            yield pattern.sub(hostile.replace("\\", r"\\"), output)
            yield from each_alone(pattern, output, hostile)


def stretched(output: str) -> Iterator[str]:
    """Gaps, lines and lists of a size that turns a careless pattern or loop into minutes."""
    lines = output.split("\n")
    for number, line in enumerate(lines[:40]):
        wide = [line.replace(sign, sign * (MOST // max(1, line.count(sign)))) for sign in (" ", "[", ")", "1", "/")]
        for instead in (*LINES, *wide, line + ")" * MOST, "\n".join([line] * (MOST // (1 + len(line))))):
            yield "\n".join([*lines[:number], instead, *lines[number + 1 :]])


def many_snapshots() -> str:
    """One of each host."""
    items = ({"time": "2026-11-23T00:20:22Z", "hostname": str(n), "paths": [str(n)], "id": str(n)} for n in range(9000))
    listing = f"== version\nrestic 0.17\n== snapshots\n{json.dumps(list(items))}\n== snapshots-exit\n0\n"
    return listing + "== sizes\n== locks\n== data\n== data-exit\n0\n== end\n"


def many_certificates() -> str:
    files = [f"/etc/ssl/{number}.pem" for number in range(15_000)]
    alone = [f"File: {file}\nx" for file in files]
    none = ["== passed-over", "0", "== beyond", "0"]
    return "\n".join([*none, "== files", *files, "== together", "== alone", *alone, "== chains", *alone, "== end"])


def read(path: Path, case: dict[str, Any], output: str) -> None:
    began = time.process_time()
    try:
        CHECKS[path.parent.name].read(seen_in(case | {"output": output}))
        why = ""
    except UnreadableError as error:
        why = str(error)
    spent = time.process_time() - began
    assert len(why) < 2000
    assert spent < CPU_SECONDS, f"{spent:.1f} s on {output[:2000]!r}"


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_hostile_figures_dates_and_values_are_read_or_refused_at_once(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    for output in spoilt(case["output"]):
        read(path, case, output)


def a_good_case(check: str) -> Path:
    return next(path for path in CASES if path.parent.name == check and "unreadable:" not in path.read_text())


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_long_lines_and_many_lines_are_read_or_refused_at_once(check: str) -> None:
    path = a_good_case(check)
    case = yaml.safe_load(path.read_text())
    for output in stretched(case["output"]):
        read(path, case, output)


@pytest.mark.parametrize(
    ("check", "output"),
    [("backup-restic", many_snapshots()), ("certificates", many_certificates())],
    ids=["restic", "certificates"],
)
def test_a_list_that_is_far_too_long_is_read_or_refused_at_once(check: str, output: str) -> None:
    path = a_good_case(check)
    read(path, yaml.safe_load(path.read_text()), output)
