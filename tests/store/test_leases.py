from datetime import timedelta

import pytest

from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.store import Store
from tests.store.cast import KIM, NIGHTLY, TICKET, plan, resolution, result, sql, work
from tests.store.conftest import Opener


@pytest.fixture
def other(opener: Opener) -> Store:
    """A second process with a run of its own on the same host."""
    second = opener(pid=2)
    second.journal.open_run("r2", plan("web1"), TICKET, NIGHTLY)
    return second


@pytest.fixture
def first(store: Store) -> Store:
    """A process whose run holds web1."""
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.take_host("r1", "web1")
    return store


def test_who_comes_second_learns_who_holds_the_host_since_when_and_for_what(first: Store, other: Store, clock):
    clock.move(timedelta(seconds=20))
    with pytest.raises(NotPermitted) as refusal:
        other.journal.take_host("r2", "web1")
    assert str(refusal.value) == (
        "acme/web1 is being changed by run r1 (technician kim, since 12:00 UTC, runbook fix-service); "
        "wait for it or ask kim to stop it"
    )


def test_a_lease_is_of_one_client_only(first: Store, opener: Opener):
    second = opener(pid=2)
    second.journal.open_run("r2", plan("web1", client="borealis"), TICKET, KIM)
    assert second.journal.take_host("r2", "web1") == 1


def test_asking_again_for_the_own_lease_changes_nothing(first: Store):
    assert first.journal.take_host("r1", "web1") == 1


def test_a_result_frees_the_host_and_the_token_grows(first: Store, other: Store):
    first.journal.record("r1", result("web1", Outcome.FAILED))
    assert other.journal.take_host("r2", "web1") == 2


def test_the_lease_of_a_dead_process_that_had_not_begun_is_taken_over(first: Store, other: Store, dead: set[int]):
    dead.add(1)
    assert other.journal.take_host("r2", "web1") == 2


def test_who_slept_through_the_loss_of_its_lease_must_not_act(first: Store, other: Store, dead: set[int]):
    dead.add(1)
    other.journal.take_host("r2", "web1")
    with pytest.raises(NotPermitted, match=r"run r1 must not change acme/web1: .* \(run r2 holds it\)"):
        first.journal.intend("r1", "web1", "restart", "p1")


def test_a_late_result_does_not_free_the_lease_of_the_next(first: Store, other: Store, opener: Opener, dead: set[int]):
    dead.add(1)
    other.journal.take_host("r2", "web1")
    first.journal.record("r1", result("web1", Outcome.BLOCKED))
    third = opener(pid=3)
    third.journal.open_run("r3", plan("web1"), TICKET, KIM)
    with pytest.raises(NotPermitted, match=r"being changed by run r2 \(schedule nightly, since"):
        third.journal.take_host("r3", "web1")


def test_a_host_that_a_dead_process_was_changing_is_not_touched_before_a_person_looked(
    first: Store, other: Store, dead: set[int]
):
    first.journal.intend("r1", "web1", "restart", "p1")
    dead.add(1)
    with pytest.raises(
        NotPermitted, match=r"run r1 left acme/web1 unknown.*msp-ops runs show r1.*msp-ops runs resolve r1 web1"
    ):
        other.journal.take_host("r2", "web1")
    other.runs.resolve(resolution("r1", "web1"))
    assert other.journal.take_host("r2", "web1") == 2


def test_an_unknown_result_blocks_the_host_until_it_is_resolved(first: Store, other: Store, url: str):
    first.journal.record("r1", result("web1", Outcome.UNKNOWN))
    assert sql(url, "SELECT run_id FROM leases") == [("r1",)]
    first.journal.close_run("r1", work("r1"), ())
    with pytest.raises(NotPermitted, match="run r1 left acme/web1 unknown"):
        other.journal.take_host("r2", "web1")
    other.runs.resolve(resolution("r1", "web1", Outcome.FAILED))
    assert sql(url, "SELECT run_id FROM leases") == [(None,)]
    assert other.journal.take_host("r2", "web1") == 2


def test_an_unknown_of_a_run_that_needed_no_lease_blocks_too(opener: Opener, other: Store):
    reader = opener(pid=3)
    reader.journal.open_run("audit", plan("web1"), TICKET, KIM)
    reader.journal.record("audit", result("web1", Outcome.UNKNOWN))
    with pytest.raises(NotPermitted, match="run audit left acme/web1 unknown"):
        other.journal.take_host("r2", "web1")


def test_an_unknown_of_one_host_leaves_the_others_free(first: Store, opener: Opener):
    first.journal.record("r1", result("web1", Outcome.UNKNOWN))
    second = opener(pid=2)
    second.journal.open_run("r2", plan("db1"), TICKET, KIM)
    assert second.journal.take_host("r2", "db1") == 1


def test_the_lease_of_a_closed_run_is_free_although_its_process_lives(first: Store, other: Store):
    first.journal.close_run("r1", work("r1"), ())
    assert other.journal.take_host("r2", "web1") == 2
