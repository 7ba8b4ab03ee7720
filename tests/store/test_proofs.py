"""What recovery found out of a host that was unknown."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.store import Store
from tests.store.cast import (
    KIM,
    NOON,
    TICKET,
    begin,
    full,
    interval,
    parcel,
    plan,
    resolution,
    result,
    rich_result,
    sql,
)
from tests.store.conftest import Opener, sqlite_only

HOUR = timedelta(hours=1)


@pytest.fixture
def dying(store: Store) -> Store:
    """A process that is changing web1."""
    store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
    begin(store, "r1")
    return store


@pytest.fixture
def prover(dying: Store, opener: Opener, dead: set[int]) -> Store:
    """Another one, after that died."""
    dead.add(1)
    return opener(pid=2)


def test_where_nothing_was_recorded_the_proof_is_the_result(prover: Store, url: str):
    prover.journal.prove("r1", rich_result("web1"))
    host = prover.runs.read("r1").hosts[0]
    assert (host.outcome, host.result, host.resolution) == (Outcome.FAILED, rich_result("web1"), None)
    assert sql(url, "SELECT run_id FROM leases") == [(None,)]
    assert {found.finding for found in prover.findings.list("acme")} == {full(), full("/var", "critical")}


def test_after_a_recorded_unknown_the_proof_follows_what_was_there(dying: Store, opener: Opener, url: str):
    before = rich_result("web1").steps
    dying.journal.record("r1", result("web1", Outcome.UNKNOWN, *before, reason="the link was lost"))
    prover = opener(pid=2)
    proof = replace(rich_result("web1"), outcome=Outcome.SUCCEEDED, reason="it had ended well")
    prover.journal.prove("r1", proof)
    host = prover.runs.read("r1").hosts[0]
    assert (host.outcome, host.reason) == (Outcome.SUCCEEDED, "msp-ops: it had ended well")
    assert host.result
    assert (host.result.outcome, host.result.reason) == (Outcome.UNKNOWN, "the link was lost")
    assert host.result.steps == (*before, *proof.steps)
    assert sql(url, "SELECT run_id FROM leases") == [(None,)]


def test_nothing_is_proved_of_a_host_that_is_known_at_work_or_resolved(dying: Store, opener: Opener, dead: set[int]):
    other = opener(pid=2)
    with pytest.raises(NotPermitted, match="acme/web1 of run r1 is not unknown but still going on"):
        other.journal.prove("r1", result("web1"))
    dead.add(1)
    with pytest.raises(NotPermitted, match="acme/db1 of run r1 is not unknown but deferred"):
        other.journal.prove("r1", result("db1"))
    with pytest.raises(PlanError, match="has no host mail1"):
        other.journal.prove("r1", result("mail1"))
    with pytest.raises(PlanError, match="`unknown` is what it is already"):
        other.journal.prove("r1", result("web1", Outcome.UNKNOWN))
    other.runs.resolve(resolution("r1", "web1"))
    with pytest.raises(NotPermitted, match="kim resolved acme/web1 of run r1"):
        other.journal.prove("r1", result("web1"))
    assert other.runs.read("r1").hosts[0].result is None


def test_of_many_provers_one_is_heard(prover: Store, opener: Opener):
    def proves(number: int) -> bool:
        try:
            opener(pid=10 + number).journal.prove("r1", result("web1", reason=f"said {number}"))
        except NotPermitted:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        heard = list(threads.map(proves, range(4)))
    assert sum(heard) == 1
    assert prover.runs.read("r1").hosts[0].reason == f"said {heard.index(True)}"


def test_who_wakes_after_the_proof_cannot_change_the_host_in_that_run(dying: Store, opener: Opener, dead: set[int]):
    lease = dying.journal.take_host("r1", "web1")
    dead.add(1)
    opener(pid=2).journal.prove("r1", result("web1"))
    dead.clear()
    with pytest.raises(NotPermitted, match="already has a result"):
        dying.journal.intend("r1", "web1", parcel("p2"), lease)


@sqlite_only
def test_a_proof_from_a_later_boot_adds_no_time_but_what_the_host_measured(dying: Store, opener: Opener, dead, clock):
    dead.add(1)
    prover = opener(pid=2, boot="boot-2", at=NOON + HOUR)
    proved = replace(result("web1"), interval=replace(interval(NOON, 600), boot_id="boot-2"))
    prover.journal.prove("r1", proved)
    so_far = prover.runs.interval_so_far("r1")
    assert so_far
    assert (so_far.started_at, so_far.duration, so_far.boot_id) == (NOON, timedelta(minutes=10), "boot-1")
