from datetime import timedelta

import pytest

from msp_ops.domain.errors import StoreError
from msp_ops.store import Store
from msp_ops.store.chain import START, link
from tests.store.cast import KIM, NOON, TICKET, charge, plan, sql, unguarded, work


def close(store: Store, run_id: str, client: str = "acme", **changed) -> None:
    store.journal.open_run(run_id, plan("web1", client=client), TICKET, KIM)
    record = work(run_id, client, **changed)
    store.journal.close_run(run_id, record, [charge(record.id), charge(record.id)])


def test_records_come_with_their_charges_in_the_order_of_the_chain(store: Store):
    for number in range(3):
        close(store, f"r{number}", start=NOON + timedelta(hours=number))
    close(store, "b0", "borealis")
    assert [(record.run_id, len(charges)) for record, charges in store.work.list("acme")] == [
        ("r0", 2),
        ("r1", 2),
        ("r2", 2),
    ]
    assert store.work.list("acme")[1] == (work("r1", start=NOON + timedelta(hours=1)), (charge("work-r1"),) * 2)


def test_a_record_belongs_to_the_month_in_which_its_work_began(store: Store):
    close(store, "r0")
    late = NOON + timedelta(hours=1)
    close(store, "r1", start=late)
    assert [record.run_id for record, _ in store.work.list("acme", since=late)] == ["r1"]
    assert [record.run_id for record, _ in store.work.list("acme", until=late)] == ["r0"]


def test_money_keeps_every_digit(store: Store):
    close(store, "r0")
    (_, charges) = store.work.list("acme")[0]
    assert str(charges[0].rate) == "120.00"


def test_the_chain_of_each_client_is_its_own(store: Store):
    assert (store.work.verify_chain("acme").length, store.work.verify_chain("acme").hash) == (0, START)
    for run_id, client in (("r0", "acme"), ("b0", "borealis"), ("r1", "acme")):
        close(store, run_id, client)
    assert store.work.verify_chain("acme").length == 2
    assert store.work.verify_chain("borealis").length == 1
    assert store.work.verify_chain("acme").hash != store.work.verify_chain("borealis").hash


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE work_records SET record = replace(record, 'kim', 'tom') WHERE run_id = 'r1'",
        "UPDATE work_records SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE run_id = 'r1'",
        "UPDATE work_records SET previous = hash WHERE run_id = 'r1'",
        "UPDATE work_records SET position = 9 WHERE run_id = 'r1'",
        "UPDATE work_records SET dated_at = '2026-01-01 00:00:00.000000' WHERE run_id = 'r1'",
        "UPDATE work_records SET record = (SELECT record FROM work_records WHERE run_id = 'r2') WHERE run_id = 'r1'",
        "UPDATE work_records SET client_id = 'borealis', position = 1 WHERE run_id = 'r2'",
        "DELETE FROM work_records WHERE run_id = 'r0'",
        "DELETE FROM work_records WHERE run_id = 'r1'",
        "DELETE FROM work_records WHERE run_id = 'r2'",
    ],
)
def test_a_change_behind_our_back_is_found(store: Store, url: str, forgery: str):
    for run_id in ("r0", "r1", "r2"):
        close(store, run_id)
    assert store.work.verify_chain("acme").length == 3
    unguarded(url)
    sql(url, "DELETE FROM charges")
    sql(url, forgery)
    with pytest.raises(StoreError, match=r"not as it was written|records are missing"):
        store.work.verify_chain("acme")


def test_a_hash_covers_what_came_before():
    assert link("record", START) != link("record", link("record", START))
