"""Consecutive checks share one round trip: one script, one answer, taken apart again."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

from msp_ops.checks.base import Check
from msp_ops.domain.parcel import RunAs
from msp_ops.domain.record import record
from msp_ops.domain.step import CheckStep
from msp_ops.engine.script import limited, variables

# each small write of a check would be a packet of its own, and a packet costs the client 0.1 ms
GATHERED = "dd obs=65536 2>/dev/null"
_ASKED = re.compile(r"(.+?) </dev/null 2>&1\nprintf '\\n([0-9a-f]{12}) (\d+) %s\\n' \$\?\n", re.DOTALL)
# any batch's mark: a pattern of one mark would have to be worked out for every host
_MARKED = re.compile(r"\n(?=([0-9a-f]{12}) (\d+) (\d+)\n)")


@record
class Batch:
    """Checks that run as the same user; `mark` separates their answers and is new for each batch."""

    steps: tuple[CheckStep, ...]
    run_as: RunAs
    mark: str
    script: bytes

    @property
    def timeout(self) -> timedelta:
        return sum((step.timeout for step in self.steps), timedelta(seconds=10))


@record
class CheckAnswer:
    """What one check's command printed, and its exit code."""

    exit_code: int
    output: str


def compose(
    steps: Sequence[CheckStep], checks: Mapping[str, Check], parameters: Mapping[str, str], run_as: RunAs = "login"
) -> Batch:
    """One POSIX script of many checks; each is limited by itself, so that one that hangs costs only its own time."""
    mark = secrets.token_hex(6)
    front = variables(parameters)
    parts = [
        f"{question(step, checks, front)} </dev/null 2>&1\nprintf '\\n{mark} {number} %s\\n' $?\n"
        for number, step in enumerate(steps)
    ]
    return Batch(steps=tuple(steps), run_as=run_as, mark=mark, script=f"{{\n{''.join(parts)}}} | {GATHERED}\n".encode())


def question(step: CheckStep, checks: Mapping[str, Check], front: str) -> str:
    """One check's part of the script; `front` are the parameters as variables."""
    return limited(front + checks[step.check].command, step.timeout.total_seconds()).removesuffix("\n")


def questions_in(script: str) -> list[tuple[str, str, str]]:
    """Of a script that `compose` made: each question, its mark and number, in order; of any other script nothing."""
    return _ASKED.findall(script.removeprefix("{\n")) if script.startswith("{\n") else []


def take_apart(batch: Batch, output: bytes) -> dict[int, CheckAnswer]:
    """Answers by the step's number; a check whose mark did not arrive is missing."""
    text = output.decode("utf-8", errors="replace")
    answers: dict[int, CheckAnswer] = {}
    start = 0
    for found in _MARKED.finditer(text):
        mark, number, code = found.groups()
        if mark == batch.mark:
            answers[int(number)] = CheckAnswer(exit_code=int(code), output=text[start : found.start()])
            start = found.end(3) + 1
    return answers
