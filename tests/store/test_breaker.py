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
    said = store.breaker.refused_before(KEY)
    assert said
    assert said.startswith("the same credential was refused by acme/web1 at ")
    assert ", acme/web2 at " in said
    assert "`msp-ops hosts unlock acme`" in said


@sqlite_only
def test_the_hour_rolls_with_the_clock_that_never_steps(store: Store, clock):
    store.breaker.note_refusal(KEY, "acme/web1")
    clock.move(timedelta(minutes=40))
    store.breaker.note_refusal(KEY, "acme/web2")
    assert store.breaker.refused_before(KEY) == (
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
