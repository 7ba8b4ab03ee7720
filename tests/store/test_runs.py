import time
from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.clock import Interval
from msp_ops.domain.errors import NotPermitted, PlanError, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.store import Store
from msp_ops.store.states import host_state
from tests.store.cast import KIM, NOON, TICKET, begin, plan, resolution, result, rich_result, sql, work
from tests.store.conftest import Opener, postgresql_only, sqlite_only


def left_behind(opener: Opener, dead: set[int]) -> Store:
    """web1 was being changed, db1 had its result, mail1 was waiting; then the process died."""
    victim = opener(pid=7)
    victim.journal.open_run("r1", plan("web1", "db1", "mail1"), TICKET, KIM)
    begin(victim, "r1")
    victim.journal.record("r1", result("db1"))
    dead.add(7)
    return opener(pid=2)


def test_a_run_that_goes_on_has_no_outcome_yet(store: Store, opener: Opener):
    store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
    begin(store, "r1")
    run = opener(pid=2).runs.read("r1")
    assert run.outcome is None
    assert [(host.outcome, host.reason) for host in run.hosts] == [(None, "at work"), (None, "waiting")]


def test_what_each_host_was_told_last_is_known_with_its_moment(store: Store, opener: Opener, clock):
    store.journal.open_run("r1", plan("web1", "db1", "mail1"), TICKET, KIM)
    store.journal.open_run("r2", plan("mail1"), TICKET, KIM)
    begin(store, "r1", "web1")
    begin(store, "r1", "db1")
    begin(store, "r2", "mail1")
    clock.move(timedelta(seconds=7))
    begin(store, "r1", "web1", "p-2")
    found = opener(pid=2).runs.last_intents("r1")
    assert {host: (each.parcel.id, each.at) for host, each in found.items()} == {
        "web1": ("p-2", NOON + timedelta(seconds=7)),
        "db1": ("r1.db1", NOON),
    }


def test_a_dead_process_leaves_unknown_what_it_began_and_deferred_what_it_did_not(opener: Opener, dead: set[int]):
    run = left_behind(opener, dead).runs.read("r1")
    assert [host.outcome for host in run.hosts] == [Outcome.UNKNOWN, Outcome.SUCCEEDED, Outcome.DEFERRED]
    assert run.hosts[2].reason == "the process that ran it ended before this host was changed"
    assert run.outcome is Outcome.UNKNOWN
    assert [host.host_id for host in run.unresolved] == ["web1"]


@sqlite_only
def test_a_process_that_was_silent_for_more_than_45_seconds_reads_as_dead(store: Store, opener: Opener, clock):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    reader = opener(pid=2)
    clock.move(timedelta(seconds=45))
    assert reader.runs.read("r1").outcome is None
    clock.move(timedelta(seconds=1))
    assert reader.runs.read("r1").outcome is Outcome.DEFERRED


@postgresql_only
def test_a_silent_process_is_judged_by_the_clock_of_the_server(store: Store, opener: Opener, url: str, clock):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    clock.move(timedelta(hours=1))
    elsewhere = opener(pid=2, boot="boot-of-another-machine")
    assert elsewhere.runs.read("r1").outcome is None
    sql(url, "UPDATE processes SET beat_at = beat_at - interval '46 seconds'")
    assert elsewhere.runs.read("r1").outcome is Outcome.DEFERRED


@sqlite_only
def test_a_process_of_an_earlier_boot_reads_as_dead(store: Store, opener: Opener):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    begin(store, "r1")
    assert opener(pid=2, boot="boot-2").runs.read("r1").outcome is Outcome.UNKNOWN


def test_a_late_result_of_a_process_that_only_slept_is_kept(store: Store, opener: Opener, dead: set[int]):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    begin(store, "r1")
    dead.add(1)
    assert opener(pid=2).runs.read("r1").outcome is Outcome.UNKNOWN
    store.journal.record("r1", result("web1"))
    assert opener(pid=2).runs.read("r1").outcome is Outcome.SUCCEEDED


def test_a_resolution_takes_the_place_of_unknown_and_stays_beside_the_result(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.record("r1", result("web1", Outcome.UNKNOWN, reason="the link was lost"))
    store.runs.resolve(resolution("r1", "web1", Outcome.FAILED))
    host = store.runs.read("r1").hosts[0]
    assert (host.outcome, host.reason) == (Outcome.FAILED, "kim: nginx answers")
    assert host.result == result("web1", Outcome.UNKNOWN, reason="the link was lost")
    assert host.resolution == resolution("r1", "web1", Outcome.FAILED)


def test_a_resolution_is_given_once(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.record("r1", result("web1", Outcome.UNKNOWN))
    store.runs.resolve(resolution("r1", "web1"))
    with pytest.raises(NotPermitted, match="kim resolved acme/web1 of run r1 at 12:00 UTC as succeeded"):
        store.runs.resolve(resolution("r1", "web1", Outcome.FAILED))
    assert store.runs.read("r1").outcome is Outcome.SUCCEEDED


def test_only_an_unknown_can_be_resolved(store: Store):
    store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
    store.journal.record("r1", result("web1"))
    with pytest.raises(NotPermitted, match="acme/web1 of run r1 is not unknown but succeeded"):
        store.runs.resolve(resolution("r1", "web1"))
    with pytest.raises(NotPermitted, match="acme/db1 of run r1 is not unknown but still going on"):
        store.runs.resolve(resolution("r1", "db1"))
    with pytest.raises(PlanError, match="has no host mail1; it has web1, db1"):
        store.runs.resolve(resolution("r1", "mail1"))


def test_unknown_is_no_verdict(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.record("r1", result("web1", Outcome.UNKNOWN))
    with pytest.raises(PlanError, match="says how acme/web1 of run r1 ended"):
        store.runs.resolve(resolution("r1", "web1", Outcome.UNKNOWN))


def test_another_process_closes_the_run_of_a_dead_one(opener: Opener, dead: set[int]):
    survivor = left_behind(opener, dead)
    survivor.runs.resolve(resolution("r1", "web1"))
    survivor.journal.close_run("r1", work("r1"), ())
    run = survivor.runs.read("r1")
    assert run.ended_at == NOON
    assert run.outcome is Outcome.DEFERRED


def test_nobody_closes_the_run_of_another_process_that_is_alive(store: Store, opener: Opener):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    with pytest.raises(NotPermitted, match="run r1 is going on in another process"):
        opener(pid=2).journal.close_run("r1", work("r1"), ())


def test_a_closed_run_does_not_go_on_although_its_process_lives(store: Store):
    store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
    begin(store, "r1")
    store.journal.close_run("r1", work("r1"), ())
    assert [host.outcome for host in store.runs.read("r1").hosts] == [Outcome.UNKNOWN, Outcome.DEFERRED]


@sqlite_only
def test_the_work_of_a_dead_run_lasts_from_its_first_host_to_its_last_heartbeat(
    store: Store, opener: Opener, clock, dead
):
    store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
    assert store.runs.interval_so_far("r1") is None
    clock.move(timedelta(seconds=60))
    begin(store, "r1")
    begin(store, "r1", "db1")
    clock.move(timedelta(seconds=30))
    store.journal.record("r1", result("web1", start=NOON + timedelta(seconds=60)))
    clock.move(timedelta(seconds=20))
    store.journal.open_run("r2", plan("mail1"), TICKET, KIM)  # a sign of life, like a heartbeat
    clock.move(timedelta(hours=3))
    dead.add(1)
    assert opener(pid=2).runs.interval_so_far("r1") == Interval(
        started_at=NOON + timedelta(seconds=60),
        ended_at=NOON + timedelta(seconds=110),
        duration=timedelta(seconds=50),
        boot_id="boot-1",
    )


def test_the_work_of_a_run_with_all_results_ends_with_its_last_host(store: Store, clock):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    clock.move(timedelta(seconds=30))
    store.journal.record("r1", result("web1"))
    clock.move(timedelta(hours=1))
    store.journal.open_run("r2", plan("db1"), TICKET, KIM)
    so_far = store.runs.interval_so_far("r1")
    assert so_far is not None
    assert (so_far.started_at, so_far.duration) == (NOON, timedelta(seconds=30))


def test_runs_are_listed_newest_first_by_client_and_period(store: Store, clock):
    for number, client in enumerate(["acme", "borealis", "acme", "acme"]):
        store.journal.open_run(f"r{number}", plan("web1", client=client), TICKET, KIM)
        clock.move(timedelta(hours=1))
    store.journal.close_run("r0", work("r0"), ())

    def ids(**chosen) -> list[str]:
        return [run.id for run in store.runs.list(**chosen)]

    assert ids() == ["r3", "r2", "r1", "r0"]
    assert ids(client_id="acme") == ["r3", "r2", "r0"]
    assert ids(since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=3)) == ["r2", "r1"]
    assert ids(open_only=True) == ["r3", "r2", "r1"]
    assert ids(limit=2) == ["r3", "r2"]
    assert [len(run.hosts) for run in store.runs.list(limit=2)] == [1, 1]


def test_a_list_says_as_much_as_was_asked_for(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.record("r1", rich_result("web1"))
    (run,) = store.runs.list(depth="steps")
    listed = run.hosts[0].result
    assert listed is not None
    assert listed.steps[1].evidence is None
    assert listed.findings() == rich_result("web1").findings()
    (brief,) = store.runs.list()
    assert brief == replace(run, hosts=(replace(run.hosts[0], result=replace(listed, steps=())),))


def test_a_run_is_found_by_the_end_of_its_id(store: Store):
    for run_id in ("20261123-8f3k2", "20261123-9zzk2", "20261123-%_"):
        store.journal.open_run(run_id, plan("web1"), TICKET, KIM)
    assert store.runs.find("8f3k2") == "20261123-8f3k2"
    assert store.runs.find("%_") == "20261123-%_"
    with pytest.raises(PlanError, match=r"several runs end in `k2`: .*; give more of the id"):
        store.runs.find("k2")
    with pytest.raises(PlanError, match="no run's id ends in `nope`; the latest are 20261123-"):
        store.runs.find("nope")
    with pytest.raises(PlanError, match="no run's id ends in ``"):
        store.runs.find("")


def test_an_id_that_is_also_the_end_of_another_is_found(store: Store):
    for run_id in ("k2", "8f3k2"):
        store.journal.open_run(run_id, plan("web1"), TICKET, KIM)
    assert store.runs.find("k2") == "k2"


def test_a_run_that_is_not_there_is_named(store: Store):
    with pytest.raises(PlanError, match="there is no run r9; the store has no run yet"):
        store.runs.read("r9")
    with pytest.raises(StoreError, match="there is no run r9"):
        store.runs.interval_so_far("r9")


def test_a_thousand_open_runs_of_a_dead_process_are_recovered_within_ten_seconds(
    store: Store, opener: Opener, dead: set[int], url: str
):
    store.journal.open_run("seed", plan("web1"), TICKET, KIM)
    begin(store, "seed")
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)"
    for table, changed, kept in (
        ("runs", "id", "client_id, runbook_id, process_id, plan, plan_digest, trigger, actor, opened_at"),
        ("run_hosts", "run_id", "host_id, client_id, position"),
        ("intents", "run_id, parcel_id", "host_id, position, step, run_as, timeout, at, elapsed"),
    ):
        names = ", ".join(f"CAST(n AS TEXT) || '-{each}'" for each in changed.replace("run_id", "id").split(", "))
        sql(url, f"INSERT INTO {table} ({changed}, {kept}) {numbers} SELECT {names}, {kept} FROM {table}, numbers")  # noqa: S608  # the names above
    dead.add(1)
    survivor = opener(pid=2)
    begun = time.monotonic()
    found = survivor.runs.list(open_only=True, limit=None)
    assert time.monotonic() - begun < 10
    assert [run.outcome for run in found] == [Outcome.UNKNOWN] * 1001


@pytest.mark.parametrize("going_on", [True, False])
@pytest.mark.parametrize("intended", [True, False])
def test_a_result_counts_whatever_became_of_its_process(going_on: bool, intended: bool):
    state = host_state("web1", result("web1", Outcome.FAILED, reason="no"), None, intended=intended, going_on=going_on)
    assert (state.outcome, state.reason) == (Outcome.FAILED, "no")


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("runs", "plan", '{"client_id":'),
        ("runs", "actor", "{}"),
        ("host_results", "outcome", "SUCCEEDEE"),
        ("measurements", "value", "9l.50"),
    ],
)
@sqlite_only
def test_a_value_that_was_damaged_on_the_disk_is_told_in_words(
    store: Store, url: str, table: str, column: str, value: str
):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.record("r1", rich_result("web1"))
    sql(url, f'UPDATE {table} SET "{column}" = :changed', changed=value)  # noqa: S608  # the names above
    with pytest.raises(StoreError, match=r"it is damaged, a value cannot be read \(.*\): stop every msp-ops"):
        store.runs.read("r1")


@sqlite_only
def test_a_value_that_was_damaged_is_told_in_words_also_to_who_writes(store: Store, opener: Opener, url: str):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.take_host("r1", "web1")
    other = opener(pid=2)
    other.journal.open_run("r2", plan("web1"), TICKET, KIM)
    sql(url, "UPDATE runs SET actor = :changed", changed="{}")
    with pytest.raises(
        StoreError, match=r"it is damaged, a value cannot be read \(TypeError: .*\): stop every msp-ops"
    ):
        other.journal.take_host("r2", "web1")
