from datetime import timedelta

import pytest

from msp_ops.store import Store
from tests.store.cast import sql
from tests.store.conftest import Opener, postgresql_only, sqlite_only

KEY = "acme/svc-backup"


@pytest.fixture
def other(opener: Opener) -> Store:
    return opener(pid=2)


def test_after_two_refusals_no_process_tries_the_credential_anywhere(store: Store, other: Store):
    store.breaker.note_refusal(KEY, "acme/web1")
    assert other.breaker.refused_before(KEY) is None
    other.breaker.note_refusal(KEY, "acme/web2")
    assert store.breaker.refused_before("acme/another") is None
    barred = store.breaker.refused_before(KEY)
    assert barred
    said = barred.why
    assert said.startswith("the same credential was refused by acme/web1 at ")
    assert ", acme/web2 at " in said
    assert "`msp-ops hosts unlock acme`" in said


def test_a_host_that_refused_twice_is_named_once(store: Store):
    for _ in range(2):
        store.breaker.note_refusal(KEY, "acme/web1")
    barred = store.breaker.refused_before(KEY)
    assert barred
    assert barred.why.count("acme/web1") == 1


@sqlite_only
def test_the_hour_rolls_with_the_clock_that_never_steps(store: Store, clock):
    store.breaker.note_refusal(KEY, "acme/web1")
    clock.move(timedelta(minutes=40))
    store.breaker.note_refusal(KEY, "acme/web2")
    barred = store.breaker.refused_before(KEY)
    assert barred
    assert barred.why == (
        "the same credential was refused by acme/web1 at 12:00 UTC, acme/web2 at 12:40 UTC, and another try could lock "
        "the account: correct it, then `msp-ops hosts unlock acme`; otherwise it is tried again after 13:00 UTC"
    )
    clock.at += timedelta(days=365)
    assert store.breaker.refused_before(KEY), "a stepping wall clock proves nothing"
    clock.move(timedelta(minutes=19, seconds=59))
    assert store.breaker.refused_before(KEY)
    clock.move(timedelta(seconds=1))
    assert store.breaker.refused_before(KEY) is None
    store.breaker.note_refusal(KEY, "acme/web3")
    assert store.breaker.refused_before(KEY), "web2's refusal is not an hour old"


@sqlite_only
@pytest.mark.parametrize(("minutes", "barred"), [(59, True), (60, False), (-600, True)])
def test_after_a_reboot_the_wall_clock_counts_and_set_back_it_proves_nothing(
    store: Store, opener: Opener, clock, minutes: int, barred: bool
):
    for host in ("acme/web1", "acme/web2"):
        store.breaker.note_refusal(KEY, host)
    rebooted = opener(pid=2, boot="boot-2", at=clock.now() + timedelta(minutes=minutes))
    assert (rebooted.breaker.refused_before(KEY) is not None) is barred


@postgresql_only
def test_the_hour_is_the_servers(store: Store, url: str, clock):
    for host in ("acme/web1", "acme/web2"):
        store.breaker.note_refusal(KEY, host)
    clock.move(timedelta(hours=3))
    assert store.breaker.refused_before(KEY)
    sql(url, "UPDATE credential_refusals SET at = at - interval '61 minutes'")
    assert store.breaker.refused_before(KEY) is None


def test_a_person_who_corrected_the_credential_of_a_client_resets_it(store: Store):
    for host in ("acme/web1", "acme/web2", "globex/db1", "globex/db2"):
        store.breaker.note_refusal(host.partition("/")[0], host)
    assert store.breaker.reset("acme") == 2
    assert store.breaker.refused_before("acme") is None
    assert store.breaker.refused_before("globex")


def test_what_is_being_tried_counts_as_refused_until_it_is_released(store: Store, other: Store, clock):
    assert store.breaker.claim(KEY, "acme/web1") is None
    assert other.breaker.claim(KEY, "acme/web2") is None
    barred = store.breaker.claim(KEY, "acme/web3")
    assert barred
    assert barred.soon
    assert "has just been shown to acme/web1, acme/web2" in barred.why
    other.breaker.release(KEY, "acme/web2")
    assert store.breaker.claim(KEY, "acme/web3") is None


@sqlite_only
def test_who_dies_while_it_tries_leaves_one_refusal_for_an_hour(store: Store, other: Store, clock):
    store.breaker.claim(KEY, "acme/web1")
    other.breaker.note_refusal(KEY, "acme/web2")
    clock.move(timedelta(seconds=20))
    barred = other.breaker.claim(KEY, "acme/web3")
    assert barred
    assert not barred.soon
    assert barred.why.startswith("the same credential was refused by acme/web1 at 12:00 UTC, acme/web2 at 12:00 UTC")
    clock.move(timedelta(minutes=59, seconds=40))
    assert other.breaker.claim(KEY, "acme/web3") is None


def test_a_release_leaves_what_the_host_refused_before(store: Store):
    store.breaker.note_refusal(KEY, "acme/web1")
    store.breaker.claim(KEY, "acme/web1")
    store.breaker.release(KEY, "acme/web1")
    assert store.breaker.claim(KEY, "acme/web1") is None
    assert store.breaker.claim(KEY, "acme/web1")
