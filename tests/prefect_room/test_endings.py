import pytest

from msp_ops.domain.errors import NotPermitted, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.prefect_api.endings import ending_of, ending_of_refusal, host_lines
from tests.prefect_room.cast import run_of


@pytest.mark.parametrize(
    ("outcome", "type_and_name"),
    [
        (Outcome.SKIPPED, ("COMPLETED", "Skipped")),
        (Outcome.SUCCEEDED, ("COMPLETED", "Completed")),
        (Outcome.DEFERRED, ("FAILED", "Deferred")),
        (Outcome.UNVERIFIED, ("FAILED", "Unverified")),
        (Outcome.BLOCKED, ("FAILED", "Blocked")),
        (Outcome.NOT_REACHED, ("FAILED", "Not reached")),
        (Outcome.FAILED, ("FAILED", "Failed")),
        (Outcome.UNKNOWN, ("CRASHED", "Unknown")),
    ],
)
def test_every_outcome_has_its_own_word_in_prefect(outcome, type_and_name):
    ending = ending_of(run_of(web1=outcome))
    assert (ending.type, ending.name) == type_and_name


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_what_is_good_is_green(outcome):
    assert (ending_of(run_of(web1=Outcome.SUCCEEDED, web2=outcome)).type == "COMPLETED") is outcome.is_good


def test_one_bad_host_of_many_decides_and_all_are_counted():
    ending = ending_of(run_of(web1=Outcome.SUCCEEDED, web2=Outcome.NOT_REACHED, web3=Outcome.SUCCEEDED))
    assert (ending.name, ending.message) == ("Not reached", "3 hosts: 1 not reached, 2 succeeded; run run-1")


def test_a_host_without_an_outcome_is_unknown():
    ending = ending_of(run_of(web1=Outcome.SUCCEEDED, web2=None))
    assert (ending.type, ending.message) == ("CRASHED", "2 hosts: 1 unknown, 1 succeeded; run run-1")


def test_a_refused_claim_is_neither_green_nor_red_and_says_why():
    ending = ending_of_refusal(NotPermitted("occurrence o-1 was superseded"))
    assert (ending.type, ending.name, ending.message) == ("CANCELLED", "Refused", "occurrence o-1 was superseded")


def test_a_store_that_does_not_answer_is_red():
    ending = ending_of_refusal(StoreError("the store is locked"))
    assert (ending.type, ending.name) == ("FAILED", "Not started")


def test_every_host_has_its_line():
    assert host_lines(run_of(web1=Outcome.SUCCEEDED, web2=Outcome.BLOCKED)) == (
        "web1: succeeded: web1 said so",
        "web2: blocked: web2 said so",
    )
