"""A person's word on a step: given once, while the run goes on, heard by every process."""

from dataclasses import replace

import pytest

from msp_ops.domain.approval import Approval
from msp_ops.domain.errors import NotPermitted, StoreError
from msp_ops.store import Store
from tests.store.cast import KIM, NOON, TICKET, plan, result, work
from tests.store.conftest import Opener

YES = Approval(run_id="r1", step="approval", granted=True, by="ada", reason="backup is good", at=NOON)


@pytest.fixture
def other(opener: Opener) -> Store:
    return opener(pid=2)


@pytest.fixture
def waiting(store: Store) -> Store:
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.ask("r1", "approval")
    return store


def test_a_word_that_one_process_gives_another_hears(waiting: Store, other: Store):
    assert waiting.journal.approval("r1", "approval") is None
    other.approvals.give(YES)
    assert waiting.journal.approval("r1", "approval") == YES
    assert waiting.journal.approval("r1", "another") is None


def test_a_word_is_given_once(waiting: Store):
    waiting.approvals.give(YES)
    with pytest.raises(
        NotPermitted, match=r"ada approved it: backup is good at .*: a word on 'approval' is given once"
    ):
        waiting.approvals.give(replace(YES, granted=False, by="kim"))
    assert waiting.approvals.of("r1", "approval") == YES


def test_a_question_stands_once_and_until_it_has_its_word(waiting: Store, other: Store):
    waiting.journal.ask("r1", "approval")
    assert other.approvals.open_questions() == other.approvals.open_questions("r1") == {"r1": ("approval",)}
    other.approvals.give(YES)
    assert waiting.approvals.open_questions() == {}


def test_a_word_that_nobody_asked_for_is_refused(waiting: Store):
    with pytest.raises(NotPermitted, match="run r1 has not come to 'drop the table' yet"):
        waiting.approvals.give(replace(YES, step="drop the table"))


def test_a_run_that_has_ended_or_never_was_takes_no_word(waiting: Store):
    waiting.journal.record("r1", result("web1"))
    waiting.journal.close_run("r1", work("r1", "acme", ("web1",)), [])
    assert waiting.approvals.open_questions() == {}
    with pytest.raises(NotPermitted, match="has ended"):
        waiting.approvals.give(YES)
    with pytest.raises(StoreError, match="r2"):
        waiting.approvals.give(replace(YES, run_id="r2"))
