from datetime import timedelta

import pytest

from msp_ops.domain.errors import NotPermitted, PlanError, Stopped
from msp_ops.domain.stop import StopOrder
from msp_ops.store import Store
from tests.store.cast import KIM, NOON, TICKET, begin, parcel, plan, sql, work
from tests.store.conftest import Opener


def stop(order_id: str = "s1", run_id: str | None = None, level: str = "finish", minutes: int = 0) -> StopOrder:
    at = NOON + timedelta(minutes=minutes)
    return StopOrder(id=order_id, run_id=run_id, level=level, by="kim", reason="wrong client", at=at)


@pytest.fixture
def other(opener: Opener) -> Store:
    return opener(pid=2)


def test_after_a_stop_of_all_no_run_begins_and_no_change_in_any_process(store: Store, other: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    lease = store.journal.take_host("r1", "web1")
    other.stops.order(stop())
    with pytest.raises(Stopped, match="kim stopped every run, until that is lifted, at 12:00 UTC: wrong client"):
        store.journal.intend("r1", "web1", parcel("p1"), lease)
    with pytest.raises(Stopped):
        store.journal.open_run("r2", plan("web1"), TICKET, KIM)
    assert store.runs.intents("r1", "web1") == ()
    assert [run.id for run in store.runs.list()] == ["r1"]


def test_work_goes_on_after_the_stop_was_lifted_and_the_order_stays_on_record(store: Store, other: Store, url: str):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.stops.order(stop("s1"))
    store.stops.order(stop("s2", level="cancel"))
    assert other.stops.lift("lea") == 2
    assert other.stops.lift("lea") == 0
    begin(store, "r1")
    assert sql(url, "SELECT id, lifted_by FROM stop_orders ORDER BY id") == [("s1", "lea"), ("s2", "lea")]


def test_one_run_is_stopped_and_others_go_on(store: Store, other: Store):
    for run_id, host in (("r1", "web1"), ("r2", "db1")):
        store.journal.open_run(run_id, plan(host), TICKET, KIM)
    other.stops.order(stop(run_id="r1"))
    with pytest.raises(Stopped, match="kim stopped run r1 at 12:00 UTC: wrong client"):
        begin(store, "r1")
    begin(store, "r2", "db1")
    assert other.stops.lift("kim") == 0, "only an order for all is lifted"
    assert store.stops.standing("r2") is None
    assert store.stops.standing("r1") == stop(run_id="r1")


def test_to_cancel_outranks_to_finish_and_the_earlier_comes_first(store: Store):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    assert store.stops.standing("r1") is store.stops.standing() is None
    for order in (stop("s2", minutes=2), stop("s1", minutes=1)):
        store.stops.order(order)
    assert store.stops.standing() == store.stops.standing("r1") == stop("s1", minutes=1)
    store.stops.order(stop("s3", "r1", "cancel", minutes=3))
    assert store.stops.standing("r1") == stop("s3", "r1", "cancel", minutes=3)
    assert store.stops.standing() == stop("s1", minutes=1)


def test_what_is_not_going_on_cannot_be_stopped(store: Store):
    with pytest.raises(PlanError, match="there is no run r9 to stop"):
        store.stops.order(stop(run_id="r9"))
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.close_run("r1", work("r1"), ())
    with pytest.raises(NotPermitted, match="run r1 ended at 2026-11-23 12:00 UTC"):
        store.stops.order(stop(run_id="r1"))
