"""From the calendar through Prefect, a worker and the real flow to a host, and back into our store."""

from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.occurrence import Occurrence, OccurrenceState
from msp_ops.domain.outcome import Outcome
from msp_ops.journeys.schedules import deployment_changes, handover
from msp_ops.prefect_api.handover import new_run
from msp_ops.prefect_api.sync import apply_changes, apply_handover
from msp_ops.prefect_api.waiting import wait_until
from msp_ops.wiring import open_workspace, read_settings
from tests.prefect_room.cast import SystemClock

pytestmark = pytest.mark.prefect
LIMIT = timedelta(minutes=2)
BEGUN = ("SCHEDULED", "PENDING", "RUNNING")
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@pytest.fixture
def parts(settings):
    with open_workspace(read_settings(Path(settings.environment["MSP_OPS_WORKSPACE"]))) as found:
        found.workspace.check()
        yield found


def due_soon(parts) -> Occurrence:
    moment = SystemClock().now() + timedelta(seconds=2)
    late = moment + timedelta(hours=1)
    due = Occurrence(id="soon", client_id="acme", schedule_id="backups", planned_at=moment, latest_start_at=late)
    parts.store.occurrences.plan("acme", late, [due])
    return due


def ended(api, run_id) -> bool:
    return api.run(run_id).state_type in ENDED


def test_an_occurrence_whose_host_is_dead_is_red_in_prefect_and_true_in_our_store(api, parts, settings):
    apply_changes(deployment_changes(parts, api, settings.root), api)
    due = due_soon(parts)
    apply_handover(handover(parts, api), api)
    (run,) = [each for each in api.runs(*BEGUN, *ENDED) if each.key == "soon"]
    assert wait_until(lambda: ended(api, run.id), LIMIT)
    shown = api.run(run.id)
    (occurrence,) = parts.store.occurrences.list("acme", until=due.latest_start_at)
    assert occurrence.state is OccurrenceState.RAN
    ours = parts.store.runs.read(occurrence.run_id)
    assert ours.outcome is Outcome.NOT_REACHED
    assert (shown.state_name, shown.message) == ("Not reached", f"1 host: 1 not reached; run {ours.id}")

    (home,) = [each for each in api.deployments() if each.name == "acme--backups"]
    api.remove_run(shown)  # frees the key: somebody runs the same occurrence a second time
    again = api.create_run(new_run(due, home))
    assert wait_until(lambda: ended(api, again.id), LIMIT)
    assert api.run(again.id).state_name == "Refused"
    assert len(parts.store.runs.list("acme")) == 1
