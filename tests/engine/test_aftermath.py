"""Every way in which steps can have been left, and what that amounts to."""

from itertools import product

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.engine.aftermath import Aftermath
from tests.engine.parts import runbook
from tests.store.cast import looked

GOOD, FAILED, BLOCKED = Outcome.SUCCEEDED, Outcome.FAILED, Outcome.BLOCKED
DEFERRED, UNKNOWN, UNVERIFIED = Outcome.DEFERRED, Outcome.UNKNOWN, Outcome.UNVERIFIED


def judged(acted, proof=None, missing=(), as_it_was=True, half_done=""):
    steps = tuple(looked(f"step {number}", outcome=outcome) for number, outcome in enumerate(acted))
    proofs = () if proof is None else (looked("proof", outcome=proof),)
    after = Aftermath(acted=steps, missing=missing, as_it_was=as_it_was, proofs=proofs, half_done=half_done)
    return after.judged(runbook())[0]


@pytest.mark.parametrize(
    ("acted", "proof", "missing", "outcome"),
    [
        ((GOOD,), GOOD, (), GOOD),
        ((GOOD,), UNVERIFIED, (), UNVERIFIED),
        ((GOOD,), FAILED, (), FAILED),
        ((GOOD,), None, ("second",), FAILED),
        ((DEFERRED,), None, ("second",), DEFERRED),
        ((BLOCKED,), None, ("second",), BLOCKED),
        ((GOOD, DEFERRED), None, (), FAILED),
        ((GOOD, BLOCKED), None, (), FAILED),
        ((UNKNOWN,), GOOD, (), GOOD),
        ((UNKNOWN,), FAILED, (), FAILED),
        ((UNKNOWN,), UNVERIFIED, (), UNKNOWN),
        ((UNKNOWN,), None, (), UNKNOWN),
        ((UNKNOWN,), GOOD, ("second",), FAILED),
        ((UNKNOWN,), None, ("second",), UNKNOWN),
        ((UNKNOWN, FAILED), GOOD, (), FAILED),
        ((FAILED,), GOOD, (), FAILED),
    ],
)
def test_what_steps_amount_to(acted, proof, missing, outcome):
    assert judged(acted, proof, missing) is outcome


def test_nothing_is_ever_better_than_its_worst_step_unless_it_was_proved():
    """Over all ways at once: success needs every step done or proved, and nothing missing."""
    for acted in product((GOOD, FAILED, BLOCKED, DEFERRED, UNKNOWN), repeat=2):
        for proof, missing, as_it_was in product((None, GOOD, FAILED, UNVERIFIED), ((), ("x",)), (True, False)):
            outcome = judged(acted, proof, missing, as_it_was)
            if outcome is GOOD:
                assert set(acted) <= {GOOD, UNKNOWN}
                assert not missing
                assert UNKNOWN not in acted or proof is GOOD


def test_packages_left_half_done_are_never_a_success():
    assert judged((UNKNOWN,), GOOD, half_done="dpkg: libc6 is not configured") is FAILED


def test_a_runbook_that_changed_says_nothing_of_what_was_to_come():
    assert judged((GOOD,), as_it_was=False) is FAILED
