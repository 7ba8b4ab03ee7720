from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.work import Timer
from msp_ops.store import Store
from tests.store.books import by_hand
from tests.store.cast import NOON, sql
from tests.store.conftest import Opener

KIMS = Timer(
    id="t-1",
    person="kim",
    client_id="acme",
    activity="break/fix",
    host_ids=("web1", "db1"),
    ticket=None,
    place="on-site",
    note="",
    started_at=NOON,
    started=timedelta(hours=5),
    boot_id="boot-1",
)


def test_a_timer_is_read_as_it_was_started_by_any_process(store: Store, opener: Opener):
    store.timers.start(KIMS)
    assert opener(pid=2).timers.running("kim") == KIMS
    assert store.timers.list(NOON + timedelta(days=1)) == [KIMS]


def test_two_of_one_person_are_refused_by_us_and_by_the_database(store: Store, url: str):
    store.timers.start(KIMS)
    with pytest.raises(NotPermitted, match="one at a time"):
        store.timers.start(replace(KIMS, id="t-2", client_id="borealis"))
    columns = "person, client_id, activity, host_ids, ticket, place, note, started_at, started, boot_id"
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        sql(url, f"INSERT INTO timers (id, {columns}) SELECT 't-2', {columns} FROM timers")  # noqa: S608  # our own names
    store.timers.start(replace(KIMS, id="t-3", person="ann"))


def test_a_timer_ends_once_and_stays_as_it_ended(store: Store, url: str):
    store.timers.start(KIMS)
    store.timers.stop(KIMS, by_hand("w-t-1", NOON), ())
    with pytest.raises(NotPermitted, match="changed by somebody"):
        store.timers.stop(KIMS, by_hand("w-t-1b", NOON), ())
    assert [record.id for record, _ in store.work.list("acme")] == ["w-t-1"]
    for act in ("UPDATE timers SET note = 'x'", "DELETE FROM timers"):
        with pytest.raises(DBAPIError, match=r"not changed|written once"):
            sql(url, act)


def test_a_record_that_cannot_be_written_leaves_the_timer_running(store: Store):
    store.timers.start(KIMS)
    store.work.add(by_hand("w-t-1", NOON), ())
    with pytest.raises(Exception, match=r"written once|unique"):
        store.timers.stop(KIMS, by_hand("w-t-1", NOON), ())
    assert store.timers.running("kim") == KIMS
