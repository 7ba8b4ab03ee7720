"""Many checks in one script, one answer, taken apart again."""

import subprocess
from datetime import timedelta

from msp_ops.checks.base import Check
from msp_ops.domain.finding import Reading
from msp_ops.domain.step import CheckStep
from msp_ops.engine.batch import CheckAnswer, compose, take_apart


def batch_of(*commands, parameters=None):
    checks = {
        name: Check(name=name, title=name, command=f"{command}\n", read=lambda _seen: Reading())
        for name, command in zip("abc", commands, strict=False)
    }
    steps = [CheckStep(kind="check", name=name, check=name, timeout=timedelta(seconds=2)) for name in checks]
    return compose(steps, checks, parameters or {})


def said(batch):
    done = subprocess.run(["sh"], input=batch.script, capture_output=True, check=True, timeout=30)
    return take_apart(batch, done.stdout)


def test_each_check_has_its_own_answer_and_exit_code():
    batch = batch_of('echo "$name"; echo aside >&2', "printf x; exit 3", "true", parameters={"name": "it's"})
    answers = said(batch)
    assert answers == {
        0: CheckAnswer(exit_code=0, output="it's\naside\n"),
        1: CheckAnswer(exit_code=3, output="x"),
        2: CheckAnswer(exit_code=0, output=""),
    }


def test_another_batchs_mark_is_part_of_what_a_check_said_and_takes_no_true_one_along():
    words = "first\\n0123456789ab 0 0"
    assert said(batch_of(f"printf '{words}'", "echo second")) == {
        0: CheckAnswer(exit_code=0, output="first\n0123456789ab 0 0"),
        1: CheckAnswer(exit_code=0, output="second\n"),
    }


def test_a_check_whose_mark_did_not_arrive_has_no_answer():
    batch = batch_of("echo one", "echo two")
    assert take_apart(batch, f"one\n\n{batch.mark} 0 0\ntwo\n\n{batch.mark} 1".encode()).keys() == {0}
