"""A grade is worked out from what is there."""

from dataclasses import replace

import pytest

from msp_ops.domain.grade import Proofs, standing
from msp_ops.domain.rehearsal import PROVES
from tests.engine.parts import audit, runbook

SILVER = {"success", "failing-step", "unreachable"}
BEST = Proofs(runbook=runbook(no_undo="what was freed is gone"), rehearsed=set(PROVES), on_a_host=True)


def test_everything_there_is_gold_and_nothing_is_missing():
    found = standing(BEST)
    assert (found.grade, found.next_grade, found.missing) == ("gold", None, ())


@pytest.mark.parametrize(
    ("worse", "grade", "missing"),
    [
        ({"sound": False}, "none", "rehearsals without mistakes"),
        ({"runbook": runbook(verify=())}, "none", "verify"),
        ({"rehearsed": set()}, "bronze", "proves success"),
        ({"rehearsed": set(PROVES) - {"failing-step"}}, "bronze", "proves failing-step"),
        ({"rehearsed": set(PROVES) - {"unreachable"}}, "bronze", "proves unreachable"),
        ({"rehearsed": SILVER}, "silver", "proves already-fine"),
        ({"rehearsed": SILVER | {"already-fine"}}, "silver", "proves cut-half-way"),
        ({"runbook": runbook()}, "silver", "undo, or no_undo"),
        ({"on_a_host": False}, "silver", "a run on a real host"),
    ],
)
def test_what_is_missing_is_said_and_costs_the_grade(worse, grade, missing):
    found = standing(replace(BEST, **worse))
    assert found.grade == grade
    assert missing in found.missing[0]


def test_a_runbook_that_only_looks_needs_neither_verify_nor_undo():
    assert standing(replace(BEST, runbook=audit())).grade == "gold"


def test_a_lower_grade_that_is_missing_comes_before_a_higher_one_that_is_there():
    found = standing(replace(BEST, rehearsed={"already-fine", "cut-half-way"}))
    assert (found.grade, found.next_grade, len(found.missing)) == ("bronze", "silver", 3)
