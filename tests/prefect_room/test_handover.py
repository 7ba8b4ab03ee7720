from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.occurrence import OccurrenceState
from msp_ops.prefect_api.desired import desired_deployments
from msp_ops.prefect_api.handover import NEVER_EARLY, plan_handover
from tests.prefect_room.cast import ACTIVITIES, AUDITS, NIGHT, ROOT, client, known, known_run, occurrence

HOMES = [
    known(each, key="d-1" if each.name == "acme--audits" else f"d-{each.name}")
    for each in desired_deployments([client("acme", AUDITS)], ACTIVITIES, ROOT)
]


def test_a_planned_occurrence_becomes_a_run_at_its_time_named_for_people():
    handover = plan_handover([occurrence()], [], HOMES)
    (run,) = handover.create
    assert (run.name, run.key, run.takes) == ("acme audits 2026-11-28 21:00Z", "o-1", "occurrence")
    assert (run.planned_at, run.deployment_id) == (NIGHT + NEVER_EARLY, "d-1")
    assert handover.lines() == ("plan acme audits 2026-11-28 21:00Z",)


def test_a_run_that_is_there_is_left_alone():
    assert not plan_handover([occurrence()], [known_run()], HOMES)


@pytest.mark.parametrize("state", [state for state in OccurrenceState if state is not OccurrenceState.PLANNED])
def test_the_run_of_an_occurrence_that_is_not_planned_any_more_goes(state):
    handover = plan_handover([occurrence(state=state)], [known_run()], HOMES)
    assert (handover.lines(), handover.create) == (("remove run of o-1",), ())


def test_the_run_of_an_occurrence_that_nobody_knows_goes():
    assert plan_handover([], [known_run()], HOMES).lines() == ("remove run of o-1",)


def test_a_run_that_a_worker_has_taken_is_not_removed():
    assert not plan_handover([], [known_run(state="PENDING")], HOMES)


def test_a_run_that_somebody_moved_to_another_time_is_put_back():
    handover = plan_handover([occurrence()], [known_run(at=NIGHT - timedelta(hours=6))], HOMES)
    assert [run.key for run in handover.remove] == [run.key for run in handover.create] == ["o-1"]


def test_a_run_of_a_deployment_that_is_gone_is_made_anew():
    handover = plan_handover([occurrence()], [known_run(home="d-gone")], HOMES)
    assert [run.deployment_id for run in handover.create] == ["d-1"]


def test_requests_of_technicians_and_runs_made_by_hand_are_none_of_the_calendars_business():
    request = replace(known_run("r-1"), occurrence=None)
    by_hand = replace(known_run(), key="")
    assert plan_handover([], [request, by_hand], HOMES).remove == ()


def test_an_occurrence_without_its_deployment_is_named():
    handover = plan_handover([occurrence(schedule="gone")], [], HOMES)
    assert handover.lines() == ("no deployment acme--gone: msp-ops schedules sync",)
