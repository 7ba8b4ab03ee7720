import json
from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.errors import FileError, StoreError
from msp_ops.domain.msp import Mail
from msp_ops.journeys.seal import seal_daily, seal_now, verify_ledger, write_missing
from msp_ops.store.seals import read_seal
from tests.journeys.cast import Keys, parts_with
from tests.store.books import OCTOBER, WITNESS, by_hand
from tests.store.cast import sql, unguarded

DAY = timedelta(days=1)


@pytest.fixture
def parts(store, clock, tmp_path):
    return replace(parts_with(store, clock, {}, root=tmp_path), keys=Keys())


def test_a_seal_is_in_the_store_and_a_file_to_send_out(parts, store):
    store.work.add(by_hand("a1", OCTOBER), ())
    sealed = seal_now(parts)
    assert store.seals.list() == [sealed.seal]
    assert sealed.seal.heads == {"records/acme": store.work.verify_chain("acme").words}
    again = seal_now(parts)
    assert (again.seal.number, again.file.name) == (2, "seal-000002.json")
    assert verify_ledger(store, WITNESS, [sealed.file, again.file]).faults == ()


def test_who_keeps_the_seals_is_mailed_each_once_also_what_a_cut_left(parts, store):
    store.work.add(by_hand("a1", OCTOBER), ())
    mail = Mail(server="smtp.northwind.example", sender="desk@northwind.example", seals_to=("notary@example.org",))
    mailed = replace(parts, workspace=replace(parts.workspace, msp=replace(parts.workspace.msp, mail=mail)))
    sealed = seal_now(mailed)
    (queued,) = store.outbox.list()
    assert queued.message.id == "mail/seal-000001/notary@example.org"
    assert read_seal(json.loads(queued.message.body)["text"].partition("\n\n")[2]) == sealed.seal
    assert write_missing(mailed) == []
    sealed.file.unlink()
    assert write_missing(mailed) == [sealed.file]
    assert [each.message.id for each in store.outbox.list()] == [queued.message.id]


def test_nobody_signs_what_was_tampered_with(parts, store, tmp_path):
    store.work.add(by_hand("a1", OCTOBER), ())
    unguarded(f"sqlite:///{tmp_path}/store.db")
    sql(f"sqlite:///{tmp_path}/store.db", "UPDATE work_records SET dated_at = '2026-09-01 00:00:00.000000'")
    with pytest.raises(StoreError, match=r"nothing was sealed: records/acme: number 1 \(record a1\)"):
        seal_now(parts)
    assert store.seals.list() == []


def test_a_store_that_was_put_back_is_not_sealed_over(parts, store, tmp_path):
    store.work.add(by_hand("a1", OCTOBER), ())
    seal_now(parts)
    unguarded(f"sqlite:///{tmp_path}/store.db")
    sql(f"sqlite:///{tmp_path}/store.db", "DELETE FROM seals")
    with pytest.raises(StoreError, match=r"seal 1 of .* was sent out, and the store does not hold it"):
        seal_now(parts)


def test_without_a_key_it_is_said_how_one_is_made(parts):
    with pytest.raises(FileError, match="msp-ops ledger key"):
        seal_now(parts_with(parts.store, parts.clock, {}))


def test_a_day_has_one_seal_and_only_when_there_is_something_new(parts, store, clock):
    assert seal_daily(parts) is None
    store.work.add(by_hand("a1", OCTOBER), ())
    first = seal_daily(parts)
    assert first is not None
    store.work.add(by_hand("a2", OCTOBER), ())
    assert seal_daily(parts) is None
    clock.pass_time(DAY)
    assert seal_daily(parts) is not None
    clock.pass_time(DAY)
    assert seal_daily(parts) is None
