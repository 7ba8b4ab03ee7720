from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import StatementError

from msp_ops.domain.errors import NotPermitted, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease
from msp_ops.domain.trigger import Event, Scheduled
from msp_ops.engine.journal import Journal
from msp_ops.store import Store
from tests.store.cast import (
    KIM,
    NIGHTLY,
    NOON,
    TICKET,
    begin,
    charge,
    parcel,
    plan,
    result,
    rich_result,
    said,
    sql,
    work,
)


def test_the_store_offers_the_journal_that_the_engine_needs(store: Store):
    journal: Journal = store.journal
    assert journal


@pytest.mark.parametrize(
    "trigger", [TICKET, Scheduled(occurrence="o-1"), Event(source="mail", key="m-1")], ids=lambda each: each.kind
)
def test_a_run_reads_as_it_was_opened(store: Store, trigger):
    store.journal.open_run("r1", plan("web1", "db1"), trigger, NIGHTLY)
    run = store.runs.read("r1")
    assert (run.plan, run.trigger, run.actor, run.opened_at) == (plan("web1", "db1"), trigger, NIGHTLY, NOON)
    assert run.plan.digest == plan("web1", "db1").digest
    assert [host.host_id for host in run.hosts] == ["web1", "db1"]
    assert run.outcome is None


def test_a_result_reads_as_it_was_recorded_with_steps_evidence_and_measurements(store: Store):
    store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
    store.journal.record("r1", rich_result("web1"))
    store.journal.record("r1", result("db1"))
    web, db = store.runs.read("r1").hosts
    assert web.result == rich_result("web1")
    assert (db.result, db.outcome) == (result("db1"), Outcome.SUCCEEDED)
    assert store.runs.read("r1").outcome is Outcome.FAILED


def test_evidence_is_kept_once_by_its_digest(store: Store, url: str):
    store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
    store.journal.record("r1", rich_result("web1"))
    store.journal.record("r1", rich_result("db1"))
    assert sql(url, "SELECT count(*) FROM evidence") == [(1,)]
    assert store.runs.read("r1").hosts[1].result == rich_result("db1")


def test_a_second_result_for_a_host_is_refused_and_the_first_stays(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.record("r1", result("web1"))
    with pytest.raises(NotPermitted, match=r"already has a result of acme/web1 \(succeeded, 2026-11-23 12:00 UTC\)"):
        store.journal.record("r1", result("web1", Outcome.FAILED))
    assert store.runs.read("r1").outcome is Outcome.SUCCEEDED


def test_a_result_is_saved_whole_or_not_at_all(store: Store, url: str):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.take_host("r1", "web1")
    good = rich_result("web1")
    forged = replace(good.steps[1], evidence=replace(said("x"), digest="f" * 64))
    with pytest.raises(ValueError, match="another digest than its body"):
        store.journal.record("r1", replace(good, steps=(good.steps[1], forged)))
    for table in ("host_results", "step_results", "evidence", "measurements", "findings"):
        assert sql(url, f"SELECT count(*) FROM {table}") == [(0,)], table  # noqa: S608  # the names above
    assert sql(url, "SELECT run_id FROM leases") == [("r1",)]
    store.journal.record("r1", good)


def test_a_run_is_opened_once(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    with pytest.raises(StoreError, match="run r1 is already in the store"):
        store.journal.open_run("r1", plan("db1"), TICKET, KIM)


def test_nothing_is_written_for_a_run_that_was_never_opened(store: Store):
    for write in (
        lambda: store.journal.take_host("r9", "web1"),
        lambda: store.journal.intend("r9", "web1", parcel("p1"), Lease(store="s", token=1)),
        lambda: store.journal.record("r9", result("web1")),
        lambda: store.journal.close_run("r9", work("r9"), ()),
    ):
        with pytest.raises(StoreError, match="there is no run r9"):
            write()


def test_nothing_is_written_for_a_host_that_the_plan_does_not_name(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    with pytest.raises(StoreError, match="does not name the host acme/db1"):
        store.journal.take_host("r1", "db1")
    with pytest.raises(StoreError, match="does not name the host acme/db1"):
        store.journal.record("r1", result("db1"))


def test_a_host_is_not_told_to_act_without_its_lease(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    with pytest.raises(NotPermitted, match=r"run r1 must not change acme/web1: .* \(nobody holds it\)"):
        store.journal.intend("r1", "web1", parcel("p1"), Lease(store="s", token=1))


def test_a_parcel_is_intended_once(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    lease = store.journal.take_host("r1", "web1")
    store.journal.intend("r1", "web1", parcel("p1"), lease)
    store.journal.intend("r1", "web1", parcel("p2"), lease)
    with pytest.raises(StoreError, match="the parcel p1 was already intended"):
        store.journal.intend("r1", "web1", parcel("p1"), lease)


def test_a_host_with_a_result_is_not_told_to_act_again(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    lease = store.journal.take_host("r1", "web1")
    store.journal.record("r1", result("web1", Outcome.UNKNOWN))
    with pytest.raises(NotPermitted, match="already has a result"):
        store.journal.intend("r1", "web1", parcel("p1"), lease)


def test_the_close_saves_time_and_price_together(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.record("r1", result("web1"))
    store.journal.close_run("r1", work("r1"), [charge("work-r1")])
    assert store.work.list("acme") == [(work("r1"), (charge("work-r1"),))]
    assert store.runs.read("r1").ended_at == NOON


def test_a_run_is_closed_once(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.close_run("r1", work("r1"), ())
    with pytest.raises(StoreError, match="run r1 was closed at 2026-11-23 12:00 UTC: its time is counted once"):
        store.journal.close_run("r1", replace(work("r1"), id="again"), ())
    assert len(store.work.list("acme")) == 1


@pytest.mark.parametrize("wrong", [work("r2"), work("r1", client="borealis")], ids=["another run", "another client"])
def test_a_run_is_not_closed_with_the_record_of_another(store: Store, wrong):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    with pytest.raises(StoreError, match="not of run r1"):
        store.journal.close_run("r1", wrong, ())
    assert store.runs.read("r1").ended_at is None


def test_a_charge_of_another_record_leaves_the_run_open(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    with pytest.raises(StoreError, match="nothing was saved"):
        store.journal.close_run("r1", work("r1"), [charge("work-r1"), charge("work-r2")])
    assert store.runs.read("r1").ended_at is None
    assert store.work.list("acme") == []


def test_a_naive_moment_is_refused(store: Store, clock):
    clock.at = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001  # the defect that this test is about
    with pytest.raises(StatementError, match="has no zone"):
        store.journal.open_run("r1", plan("web1"), TICKET, KIM)


def test_moments_come_back_in_utc_and_to_the_microsecond(store: Store, clock):
    clock.move(timedelta(microseconds=123457))
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    run = store.runs.read("r1")
    assert run.opened_at == clock.now()
    assert run.opened_at.utcoffset() == timedelta(0)


def test_the_words_of_a_hostile_host_are_kept_visibly(store: Store):
    hostile = result("web1", Outcome.FAILED, reason="a\x00b \udcff ' ; DROP TABLE runs; -- \u202e")
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.record("r1", hostile)
    assert store.runs.read("r1").hosts[0].reason == "a\u2400b \\udcff ' ; DROP TABLE runs; -- \u202e"


def test_forty_hosts_are_recorded_at_once(store: Store):
    hosts = [f"web{number}" for number in range(40)]

    def course(host: str) -> None:
        begin(store, "r1", host)
        store.journal.record("r1", rich_result(host))

    store.journal.open_run("r1", plan(*hosts), TICKET, KIM)
    with ThreadPoolExecutor(40) as threads:
        list(threads.map(course, hosts))
    assert [host.result for host in store.runs.read("r1").hosts] == [rich_result(host) for host in hosts]


def statements_for(store: Store, run_id: str, steps: int) -> int:
    """How many the record of a host takes whose steps all measure, say something and look for findings."""
    made = [
        replace(rich_result("web1").steps[1], name=f"step {number}", evidence=said(f"{run_id} {number}"), findings=())
        for number in range(steps)
    ]
    counted: list[str] = []

    def count(_connection, _cursor, statement: str, *_rest) -> None:
        counted.append(statement)

    store.journal.open_run(run_id, plan("web1"), TICKET, KIM)
    event.listen(Engine, "before_cursor_execute", count)
    store.journal.record(run_id, result("web1", Outcome.SUCCEEDED, *made))
    event.remove(Engine, "before_cursor_execute", count)
    return len(counted)


def test_a_host_with_many_steps_takes_no_more_statements_than_one_with_few(store: Store):
    assert statements_for(store, "r1", 2) == statements_for(store, "r2", 40) < 15
