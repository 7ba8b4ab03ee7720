from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.occurrence import Pause, Request, RequestState
from msp_ops.domain.plan import PlannedFile
from msp_ops.store import Store
from tests.store.cast import KIM, NOON, TICKET, plan
from tests.store.conftest import Opener

MOVING = Pause(client_id="acme", schedule_id="patching", until=NOON + timedelta(days=1), by="kim", reason="moving")
REQUEST = Request(
    id="q1",
    client_id="acme",
    runbook_id="fix-service",
    hosts="web1",
    parameters={"service": "nginx", "reason": "it's down"},
    ticket="T-7",
    reason="down",
    actor="kim",
)


def test_a_pause_holds_until_its_end(store: Store, clock):
    store.pauses.pause(MOVING)
    assert store.pauses.list() == [MOVING]
    clock.move(timedelta(days=1))
    assert store.pauses.list() == []


def test_a_later_pause_takes_the_place_of_an_earlier(store: Store, clock):
    store.pauses.pause(MOVING)
    for_good = replace(MOVING, until=None, reason="contract ended")
    store.pauses.pause(for_good)
    clock.move(timedelta(days=400))
    assert store.pauses.list() == [for_good]


def test_a_paused_schedule_is_resumed_once(store: Store):
    store.pauses.pause(MOVING)
    store.pauses.resume("acme", "patching")
    assert store.pauses.list() == []
    with pytest.raises(PlanError, match="the schedule patching of acme is not paused"):
        store.pauses.resume("acme", "patching")


def test_a_request_keeps_what_its_files_held(store: Store):
    bound = replace(REQUEST, files=(PlannedFile(parameter="config", sha256="ab" * 32),))
    store.requests.save(bound)
    assert store.requests.read("q1") == bound


def test_a_request_is_claimed_once_and_tells_its_run(store: Store, opener: Opener):
    store.requests.save(REQUEST)
    assert store.requests.claim("q1", "worker 1") == replace(REQUEST, state=RequestState.CLAIMED)
    with pytest.raises(NotPermitted, match="request q1 was claimed by worker 1 at 12:00 UTC: it runs once"):
        opener(pid=2).requests.claim("q1", "worker 2")
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.requests.ran("q1", "r1")
    assert store.requests.read("q1") == replace(REQUEST, run_id="r1", state=RequestState.RAN)


def test_a_request_that_is_not_there_says_so(store: Store):
    with pytest.raises(NotPermitted, match="there is no request q9"):
        store.requests.claim("q9", "worker 1")
    with pytest.raises(PlanError, match="there is no request q9"):
        store.requests.read("q9")


def test_the_same_request_is_saved_once(store: Store):
    store.requests.save(REQUEST)
    with pytest.raises(PlanError, match="request q1 is saved already"):
        store.requests.save(REQUEST)


def test_requests_tell_how_they_stand_also_when_their_worker_is_dead(
    store: Store, opener: Opener, dead: set[int], clock
):
    worker = opener(pid=7)
    for each in ("waiting", "claimed", "refused", "begun", "lost"):
        store.requests.save(replace(REQUEST, id=each))
        clock.move(timedelta(seconds=1))
    store.requests.claim("claimed", "r1")
    store.requests.claim("refused", "r2")
    store.requests.refuse("refused", "acme is frozen: audit")
    worker.requests.claim("begun", "r3")
    worker.journal.open_run("r3", plan("web1"), TICKET, KIM)
    worker.requests.claim("lost", "r4")
    dead.add(7)
    assert [(each.id, each.state.value, each.run_id, each.refusal) for each in store.requests.list("acme")] == [
        ("lost", "refused", None, "the worker that took it ended before the run began"),
        ("begun", "ran", "r3", ""),
        ("refused", "refused", None, "acme is frozen: audit"),
        ("claimed", "claimed", None, ""),
        ("waiting", "waiting", None, ""),
    ]
    assert store.requests.list("borealis") == []
    assert [each.id for each in store.requests.list(limit=1)] == ["lost"]
