from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.errors import HostBusy, NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease
from msp_ops.store import Store, open_store
from tests.store.cast import KIM, NIGHTLY, TICKET, parcel, plan, resolution, result, sql, work
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


@pytest.fixture
def lease(first: Store) -> Lease:
    """That of the first."""
    return first.journal.take_host("r1", "web1")


def test_who_comes_second_learns_who_holds_the_host_since_when_and_for_what(first: Store, other: Store, clock):
    clock.move(timedelta(seconds=20))
    with pytest.raises(HostBusy) as refusal:
        other.journal.take_host("r2", "web1")
    assert str(refusal.value) == (
        "acme/web1 is being changed by run r1 (technician kim, since 12:00 UTC, runbook fix-service); "
        "wait for it or ask kim to stop it"
    )


def test_a_lease_is_of_one_client_only(first: Store, opener: Opener):
    second = opener(pid=2)
    second.journal.open_run("r2", plan("web1", client="borealis"), TICKET, KIM)
    assert second.journal.take_host("r2", "web1")


def test_while_a_member_of_its_service_group_is_being_changed_a_host_is_busy(first: Store, opener: Opener, clock):
    second = opener(pid=2)
    second.journal.open_run("r2", plan("web2", "db1"), TICKET, NIGHTLY)
    with pytest.raises(HostBusy, match=r"^web2 is of the same service group: acme/web1 is being changed by run r1"):
        second.journal.take_host("r2", "web2", ("web1", "web3"))
    assert second.journal.take_host("r2", "db1", ("db2",))
    first.journal.record("r1", result("web1"))
    assert second.journal.take_host("r2", "web2", ("web1", "web3"))


def test_a_run_may_change_several_members_of_a_group_itself(store: Store):
    store.journal.open_run("r1", plan("web1", "web2"), TICKET, KIM)
    store.journal.take_host("r1", "web1", ("web2",))
    assert store.journal.take_host("r1", "web2", ("web1",))


def test_a_dead_process_keeps_no_service_group(first: Store, other: Store, dead: set[int], opener: Opener):
    dead.add(1)
    third = opener(pid=3)
    third.journal.open_run("r3", plan("web2"), TICKET, NIGHTLY)
    assert third.journal.take_host("r3", "web2", ("web1",))


def test_the_tokens_of_all_hosts_and_clients_are_of_one_row(first: Store, lease: Lease, opener: Opener):
    """Two names of one machine: it refuses the older one."""
    first.journal.open_run("r3", plan("web2"), TICKET, KIM)
    second = opener(pid=2)
    second.journal.open_run("r2", plan("web1", client="borealis"), TICKET, KIM)
    later = [second.journal.take_host("r2", "web1"), first.journal.take_host("r3", "web2")]
    assert lease.token < later[0].token < later[1].token
    assert {each.store for each in (lease, *later)} == {lease.store}


def test_two_stores_have_two_names(lease: Lease, tmp_path: Path, clock):
    with open_store(f"sqlite:///{tmp_path}/other/store.db", clock) as elsewhere:
        elsewhere.journal.open_run("r1", plan("web1"), TICKET, KIM)
        assert elsewhere.journal.take_host("r1", "web1").store != lease.store


def test_a_store_that_was_put_back_from_its_backup_gives_no_token_twice(
    first: Store, lease: Lease, other: Store, url: str, clock
):
    kept = sql(url, "SELECT token FROM store_identity")[0][0]
    first.journal.record("r1", result("web1"))
    lost = other.journal.take_host("r2", "web1")
    sql(url, "UPDATE store_identity SET token = :kept", kept=kept)
    sql(url, "UPDATE leases SET token = :kept, run_id = NULL", kept=kept)
    clock.move(timedelta(minutes=5))
    assert other.journal.take_host("r2", "web1").token > lost.token


def test_a_clock_that_steps_back_takes_no_token_back(first: Store, lease: Lease, other: Store, clock):
    first.journal.record("r1", result("web1"))
    clock.at -= timedelta(days=400)
    assert other.journal.take_host("r2", "web1").token > lease.token


def test_asking_again_for_the_own_lease_changes_nothing(first: Store, lease: Lease):
    assert first.journal.take_host("r1", "web1") == lease


def test_a_result_frees_the_host_and_the_token_grows(first: Store, other: Store, lease: Lease):
    first.journal.record("r1", result("web1", Outcome.FAILED))
    assert other.journal.take_host("r2", "web1").token > lease.token


def test_the_lease_of_a_dead_process_that_had_not_begun_is_taken_over(
    first: Store, other: Store, lease: Lease, dead: set[int]
):
    dead.add(1)
    assert other.journal.take_host("r2", "web1").token > lease.token


def test_who_slept_through_the_loss_of_its_lease_must_not_act(first: Store, other: Store, lease: Lease, dead: set[int]):
    dead.add(1)
    other.journal.take_host("r2", "web1")
    with pytest.raises(NotPermitted, match=r"run r1 must not change acme/web1: .* \(run r2 holds it\)"):
        first.journal.intend("r1", "web1", parcel("p1"), lease)


def test_only_the_very_lease_of_the_host_counts(first: Store, lease: Lease):
    first.journal.open_run("r2", plan("db1"), TICKET, KIM)
    forged = [
        replace(lease, token=lease.token - 1),
        replace(lease, token=lease.token + 1),
        replace(lease, store="another"),
        first.journal.take_host("r2", "db1"),
    ]
    for wrong in forged:
        with pytest.raises(NotPermitted, match=r"run r1 must not change acme/web1"):
            first.journal.intend("r1", "web1", parcel("p1"), wrong)
    assert first.runs.intents("r1", "web1") == ()


def test_a_late_result_does_not_free_the_lease_of_the_next(first: Store, other: Store, opener: Opener, dead: set[int]):
    dead.add(1)
    other.journal.take_host("r2", "web1")
    first.journal.record("r1", result("web1", Outcome.BLOCKED))
    third = opener(pid=3)
    third.journal.open_run("r3", plan("web1"), TICKET, KIM)
    with pytest.raises(HostBusy, match=r"being changed by run r2 \(schedule nightly, since"):
        third.journal.take_host("r3", "web1")


def test_a_host_that_a_dead_process_was_changing_is_not_touched_before_a_person_looked(
    first: Store, other: Store, lease: Lease, dead: set[int]
):
    first.journal.intend("r1", "web1", parcel("p1"), lease)
    dead.add(1)
    with pytest.raises(
        NotPermitted, match=r"run r1 left acme/web1 unknown.*msp-ops recover r1.*msp-ops runs resolve r1 web1"
    ):
        other.journal.take_host("r2", "web1")
    other.runs.resolve(resolution("r1", "web1"))
    assert other.journal.take_host("r2", "web1")


def test_an_unknown_result_blocks_the_host_until_it_is_resolved(first: Store, other: Store, url: str):
    first.journal.record("r1", result("web1", Outcome.UNKNOWN))
    assert sql(url, "SELECT run_id FROM leases") == [("r1",)]
    first.journal.close_run("r1", work("r1"), ())
    with pytest.raises(NotPermitted, match="run r1 left acme/web1 unknown"):
        other.journal.take_host("r2", "web1")
    other.runs.resolve(resolution("r1", "web1", Outcome.FAILED))
    assert sql(url, "SELECT run_id FROM leases") == [(None,)]
    assert other.journal.take_host("r2", "web1")


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
    assert second.journal.take_host("r2", "db1")


def test_the_lease_of_a_closed_run_is_free_although_its_process_lives(first: Store, other: Store):
    first.journal.close_run("r1", work("r1"), ())
    assert other.journal.take_host("r2", "web1")
