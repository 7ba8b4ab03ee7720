from datetime import timedelta

import pytest

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.occurrence import Occurrence, OccurrenceState
from msp_ops.store import Store
from tests.store.cast import KIM, NOON, TICKET, plan
from tests.store.conftest import Opener

DAY = timedelta(days=1)
HORIZON = NOON + timedelta(days=7)


def occurrence(name: str, days: float = 1, client: str = "acme") -> Occurrence:
    at = NOON + days * DAY
    return Occurrence(
        id=name, client_id=client, schedule_id="patching", planned_at=at, latest_start_at=at + timedelta(hours=1)
    )


def states(store: Store) -> dict[str, OccurrenceState]:
    return {each.id: each.state for each in store.occurrences.list()}


def test_planned_occurrences_are_added_once(store: Store):
    for _ in range(2):
        store.occurrences.plan("acme", HORIZON, [occurrence("o1"), occurrence("o2", 2)])
    assert store.occurrences.list() == [occurrence("o1"), occurrence("o2", 2)]


def test_what_the_calendar_no_longer_plans_is_superseded(store: Store):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1"), occurrence("o2", 2)])
    store.occurrences.plan("borealis", HORIZON, [occurrence("b1", client="borealis")])
    store.occurrences.plan("acme", HORIZON, [occurrence("o2", 2)])
    assert states(store) == {
        "o1": OccurrenceState.SUPERSEDED,
        "o2": OccurrenceState.PLANNED,
        "b1": OccurrenceState.PLANNED,
    }


def test_a_shorter_horizon_and_a_passed_time_supersede_nothing(store: Store, clock):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1"), occurrence("o6", 6)])
    clock.move(DAY + timedelta(minutes=5))
    store.occurrences.plan("acme", NOON + 3 * DAY, [])
    assert set(states(store).values()) == {OccurrenceState.PLANNED}


def test_a_schedule_that_is_changed_back_plans_what_it_had_planned(store: Store):
    for planned in ([occurrence("o1")], [], [occurrence("o1")]):
        store.occurrences.plan("acme", HORIZON, planned)
    assert store.occurrences.list() == [occurrence("o1")]


def test_a_skipped_occurrence_is_not_planned_again(store: Store):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1")])
    store.occurrences.skip("o1", "kim", "trade fair")
    store.occurrences.plan("acme", HORIZON, [occurrence("o1")])
    (skipped,) = store.occurrences.list(state=OccurrenceState.SKIPPED)
    assert skipped.reason == "kim: trade fair"
    with pytest.raises(NotPermitted, match=r"occurrence o1 has ended: skipped \(kim: trade fair\)"):
        store.occurrences.claim("o1", "worker 1")


def test_occurrences_of_another_client_are_refused(store: Store):
    with pytest.raises(PlanError, match="b1 are not of the client acme"):
        store.occurrences.plan("acme", HORIZON, [occurrence("b1", client="borealis")])


def test_an_occurrence_is_claimed_by_one_only(store: Store, opener: Opener, clock):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1")])
    clock.move(DAY)
    assert store.occurrences.claim("o1", "worker 1").state is OccurrenceState.CLAIMED
    with pytest.raises(NotPermitted, match="o1 was claimed by worker 1 at 12:00 UTC: it runs once"):
        opener(pid=2).occurrences.claim("o1", "worker 2")


def test_an_occurrence_is_not_claimed_before_its_time(store: Store, clock):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1")])
    clock.move(DAY - timedelta(seconds=1))
    with pytest.raises(NotPermitted, match="is planned for 2026-"):
        store.occurrences.claim("o1", "worker 1")


def test_an_occurrence_that_is_not_there_cannot_be_claimed(store: Store):
    with pytest.raises(NotPermitted, match="there is no occurrence o9: its schedule was changed"):
        store.occurrences.claim("o9", "worker 1")


def test_an_occurrence_has_one_end(store: Store, clock):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1")])
    clock.move(DAY)
    store.occurrences.claim("o1", "worker 1")
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.occurrences.finish("o1", OccurrenceState.RAN, run_id="r1")
    (ended,) = store.occurrences.list("acme")
    assert (ended.state, ended.run_id) == (OccurrenceState.RAN, "r1")
    with pytest.raises(NotPermitted, match="o1 has ended: ran; an occurrence has one end"):
        store.occurrences.finish("o1", OccurrenceState.EXPIRED, "too late")


@pytest.mark.parametrize("state", [OccurrenceState.PLANNED, OccurrenceState.CLAIMED])
def test_an_open_state_is_no_end(store: Store, state: OccurrenceState):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1")])
    with pytest.raises(PlanError, match="is not an end"):
        store.occurrences.finish("o1", state)


def test_finishing_or_skipping_what_is_not_there_says_so(store: Store):
    with pytest.raises(PlanError, match="there is no occurrence o9"):
        store.occurrences.finish("o9", OccurrenceState.RAN)
    with pytest.raises(PlanError, match="there is no occurrence o9"):
        store.occurrences.skip("o9", "kim", "")


def test_nobody_came_before_the_latest_start(store: Store, clock):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1"), occurrence("o2", 2)])
    late = NOON + DAY + timedelta(hours=1)
    assert list(store.occurrences.due_unclaimed(late)) == []
    assert list(store.occurrences.due_unclaimed(late + timedelta(seconds=1))) == [occurrence("o1")]
    clock.move(DAY)
    store.occurrences.claim("o1", "worker 1")
    assert list(store.occurrences.due_unclaimed(late + timedelta(seconds=1))) == []


def test_a_claim_whose_process_died_is_found(store: Store, opener: Opener, dead: set[int], clock):
    store.occurrences.plan("acme", HORIZON, [occurrence("o1"), occurrence("o2", 2)])
    clock.move(2 * DAY)
    opener(pid=7).occurrences.claim("o1", "worker 7")
    store.occurrences.claim("o2", "worker 1")
    assert list(store.occurrences.left_behind()) == []
    dead.add(7)
    assert [each.id for each in store.occurrences.left_behind()] == ["o1"]


def test_occurrences_are_listed_by_client_state_and_period(store: Store):
    store.occurrences.plan("acme", HORIZON, [occurrence("o2", 2), occurrence("o1")])
    store.occurrences.plan("borealis", HORIZON, [occurrence("b1", client="borealis")])
    assert [each.id for each in store.occurrences.list()] == ["b1", "o1", "o2"]
    assert [each.id for each in store.occurrences.list("acme", OccurrenceState.PLANNED)] == ["o1", "o2"]
    assert [each.id for each in store.occurrences.list(since=NOON + 2 * DAY)] == ["o2"]
    assert [each.id for each in store.occurrences.list("acme", until=NOON + 2 * DAY)] == ["o1"]
