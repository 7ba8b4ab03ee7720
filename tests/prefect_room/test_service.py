"""A real Prefect server and worker, started as msp-ops up starts them."""

import os
import signal
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from msp_ops.domain.occurrence import OccurrenceState
from msp_ops.prefect_api.api import PrefectApi
from msp_ops.prefect_api.desired import ON_DEMAND, desired_deployments, diff
from msp_ops.prefect_api.errors import PrefectRefused, ServiceError
from msp_ops.prefect_api.handover import NEVER_EARLY, new_run, plan_handover
from msp_ops.prefect_api.password import read_password
from msp_ops.prefect_api.pool import POOL
from msp_ops.prefect_api.records import NewRun
from msp_ops.prefect_api.service import Service
from msp_ops.prefect_api.sync import apply_changes, apply_handover
from msp_ops.prefect_api.waiting import wait_until
from tests.prefect_room.cast import ACTIVITIES, AUDITS, BACKUPS, SystemClock, client, is_running, occurrence

pytestmark = pytest.mark.prefect
SOON = timedelta(seconds=2)
DAY = timedelta(days=1)
LIMIT = timedelta(minutes=2)  # six flows at once start six times Prefect
TERMINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
BENT = {"env": {"X": "1"}, "command": "touch pwned"}


def now() -> datetime:
    return SystemClock().now()


def sync(api, settings, *schedules, clients=("acme",)):
    desired = desired_deployments([client(each, *schedules) for each in clients], ACTIVITIES, settings.root)
    changes = diff(desired, api.deployments())
    apply_changes(changes, api)
    return changes


@pytest.fixture
def audits(api, settings):
    """The deployment of acme's audits: it runs the trial flow."""
    sync(api, settings, AUDITS, BACKUPS)
    return next(each for each in api.deployments() if each.name == "acme--audits")


class Patient(httpx.HTTPTransport):
    """Asks again while Prefect's SQLite is busy: it answers 503 then."""

    def handle_request(self, request):
        answers = []

        def answered():
            answers.append(super(Patient, self).handle_request(request))
            return answers[-1].status_code != 503

        wait_until(answered, LIMIT, every=timedelta(seconds=0.5))
        return answers[-1]


@pytest.fixture(scope="session")
def raw(settings, service):
    """The API without our client: what anybody with the password may try."""
    user, _, password = read_password(settings.password_file).partition(":")
    with httpx.Client(base_url=settings.url, auth=(user, password), transport=Patient(), timeout=20) as http:
        yield http


@pytest.fixture(scope="session")
def played(service, settings, raw):
    """Every ending at once, a moment after their planned time: key to the run as Prefect shows it at last."""
    with service.api() as api:
        sync(api, settings, AUDITS, BACKUPS, clients=("acme", "cobalt"))
        homes = {each.name: each for each in api.deployments()}
        pause(raw, homes["cobalt--audits"])
        keys = ("good", "not-reached", "unknown", "defect", "nobody-planned-this")
        runs = [api.create_run(new_run(occurrence(key, at=now() + SOON), homes["acme--audits"])) for key in keys]
        runs.append(api.create_run(new_run(occurrence("paused", at=now() + SOON), homes["cobalt--audits"])))
        assert wait_until(lambda: all(seen(api, run).state_type in TERMINAL for run in runs), LIMIT)
        return {run.key: seen(api, run) for run in runs}


def pause(raw, deployment):
    """As a click in Prefect's pages does it."""
    raw.patch(f"/deployments/{deployment.id}", json={"paused": True}).raise_for_status()


def seen(api, run):
    found = api.run(run.id)
    assert found is not None
    return found


def processes_of(settings) -> list[int]:
    """Whatever runs on this machine with our state folder in its environment or command."""
    needle = str(settings.state).encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            about = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if needle in about and is_running(int(entry.name)):
            found.append(int(entry.name))
    return found


def test_nobody_gets_in_without_the_password(settings, service):
    assert httpx.post(f"{settings.url}/flows/count", json={}, trust_env=False).status_code == 401
    with PrefectApi(settings.url, "msp-ops:guess") as stranger, pytest.raises(PrefectRefused, match="refuses our pass"):
        stranger.deployments()


def test_the_password_is_in_no_command_line(settings, service):
    secret = read_password(settings.password_file).encode()
    assert processes_of(settings)
    assert not any(secret in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes_of(settings))


def test_what_the_service_writes_is_for_its_user_alone(settings, service):
    assert settings.state.stat().st_mode & 0o077 == 0
    loose = [path for path in settings.state.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert loose == []


def test_a_second_service_here_is_refused(settings, service):
    with Service(settings, SystemClock()) as second, pytest.raises(ServiceError, match="already running here"):
        second.start(print)
    service.check()


def test_deployments_are_told_once_and_keep_their_ids(api, settings, audits):
    before = {each.name: each.id for each in api.deployments()}
    assert not sync(api, settings, AUDITS, BACKUPS)
    changes = sync(api, settings, replace(AUDITS, hosts="role:web"), BACKUPS)
    assert changes.lines() == ("update acme--audits", "3 unchanged")
    assert {each.name: each.id for each in api.deployments()} == before


def test_a_pause_made_in_prefect_is_seen_and_survives_an_update(api, settings, audits, raw):
    pause(raw, audits)
    sync(api, settings, replace(AUDITS, hosts="role:db"), BACKUPS)
    found = api.deployment("health-audits", "acme--audits")
    assert found is not None
    assert found.paused
    raw.patch(f"/deployments/{audits.id}", json={"paused": False}).raise_for_status()


def test_planned_runs_survive_an_update_of_their_deployment(api, settings, audits):
    run = api.create_run(new_run(occurrence("survivor", at=now() + DAY), audits))
    sync(api, settings, replace(AUDITS, hosts="role:mail"), BACKUPS)
    assert seen(api, run).deployment_id == audits.id
    api.remove_run(run)


def test_a_stale_deployment_goes_and_one_of_somebody_else_stays(api, settings, audits, raw):
    flow = raw.post("/flows/", json={"name": "theirs"}).json()["id"]
    theirs = raw.post("/deployments/", json={"name": "theirs", "flow_id": flow}).json()["id"]
    changes = sync(api, settings, AUDITS)
    assert changes.lines()[0] == "remove acme--backups"
    assert {each.name for each in api.deployments()} == {"acme--audits", "acme--summaries", "on-demand"}
    assert raw.get(f"/deployments/{theirs}").status_code == 200


def test_an_occurrence_is_handed_over_once_and_taken_back_when_it_is_skipped(api, audits):
    due = occurrence("tomorrow", at=now() + DAY)
    homes = api.deployments()
    apply_handover(plan_handover([due], api.runs("SCHEDULED"), homes), api)
    apply_handover(plan_handover([due], [], homes), api)  # as by a service that had forgotten the first time
    (run,) = [each for each in api.runs("SCHEDULED") if each.key == "tomorrow"]
    assert (run.planned_at, run.occurrence) == (due.planned_at + NEVER_EARLY, "tomorrow")
    assert not plan_handover([due], api.runs("SCHEDULED"), homes)
    skipped = replace(due, state=OccurrenceState.SKIPPED)
    apply_handover(plan_handover([skipped], api.runs("SCHEDULED"), homes), api)
    assert api.run(run.id) is None


def test_a_request_is_a_run_with_the_requests_id_alone(api, audits):
    (home,) = [each for each in api.deployments() if each.name == ON_DEMAND]
    request = NewRun(deployment_id=home.id, takes="request", key="r-1", name="acme r-1", planned_at=now() + DAY)
    run = api.create_run(request)
    assert (run.key, run.occurrence, run.is_handed_over) == ("r-1", None, False)
    assert plan_handover([], api.runs("SCHEDULED"), api.deployments()).remove == ()
    api.remove_run(run)


def test_a_hundred_runs_and_more_are_all_seen(api, audits, monkeypatch):
    monkeypatch.setattr("msp_ops.prefect_api.api.PAGE", 2)
    runs = [api.create_run(new_run(occurrence(f"page-{each}", at=now() + DAY), audits)) for each in range(5)]
    assert {run.key for run in runs} <= {run.key for run in api.runs("SCHEDULED")}
    for run in runs:
        api.remove_run(run)


@pytest.mark.parametrize(
    "body",
    [
        {"parameters": {"occurrence": "o-1"}, "job_variables": BENT},
        {"parameters": {"occurrence": "o-1"}, "job_variables": {"env.X": "1"}},
        {"parameters": {"occurrence": "o-1", "runbook": "other"}},
        {"parameters": {"occurrence": "../../etc/passwd"}},
        {"parameters": {}},
    ],
)
def test_a_run_with_more_than_one_id_is_refused_before_it_exists(raw, audits, body):
    answer = raw.post(f"/deployments/{audits.id}/create_flow_run", json=body)
    assert answer.status_code in {409, 422}


@pytest.mark.parametrize(
    "edit",
    [
        {"job_variables": BENT},
        {"parameters": {"occurrence": "o-1"}},
        {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "touch pwned"}}]},
        {"enforce_parameter_schema": False},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_a_deployment_bent_by_hand_is_told_again(api, raw, audits, settings, edit):
    raw.patch(f"/deployments/{audits.id}", json=edit).raise_for_status()
    assert sync(api, settings, AUDITS, BACKUPS).lines() == ("update acme--audits", "3 unchanged")
    assert not sync(api, settings, AUDITS, BACKUPS)


def test_a_deployment_with_job_variables_takes_no_runs(api, raw, audits):
    raw.patch(f"/deployments/{audits.id}", json={"job_variables": BENT}).raise_for_status()
    with pytest.raises(PrefectRefused, match="'command', 'env' were unexpected"):
        api.create_run(new_run(occurrence("never", at=now()), audits))


def test_job_variables_of_a_run_cannot_be_added_later(api, raw, audits):
    planned = api.create_run(new_run(occurrence("later", at=now() + DAY), audits))
    assert raw.patch(f"/flow_runs/{planned.id}", json={"job_variables": BENT}).status_code == 422
    api.remove_run(planned)


def test_job_variables_and_parameters_that_slip_past_the_server_have_no_effect(api, raw, audits, settings):
    template = raw.get(f"/work_pools/{POOL}").json()["base_job_template"]
    lax = {**template, "variables": {"type": "object", "properties": {}}}
    raw.patch(f"/work_pools/{POOL}", json={"base_job_template": lax}).raise_for_status()
    bent = {"parameters": {"occurrence": "bent"}, "job_variables": BENT}
    loose = {"parameters": {"occurrence": "loose", "extra": "1"}, "enforce_parameter_schema": False}
    made = [raw.post(f"/deployments/{audits.id}/create_flow_run", json=body).json()["id"] for body in (bent, loose)]
    api.ensure_pool(settings.root)
    assert wait_until(lambda: all(api.run(each).state_type in TERMINAL for each in made), LIMIT)
    assert (settings.root / "seen" / "bent").read_text().split()[1:] == ["None", str(settings.state.parent)]
    assert not (settings.root / "pwned").exists()
    assert api.run(made[1]).state_type == "CRASHED"
    assert not (settings.root / "seen" / "loose").exists()


def test_an_edited_template_is_put_back(api, raw, settings):
    template = raw.get(f"/work_pools/{POOL}").json()["base_job_template"]
    bent = {**template, "job_configuration": {**template["job_configuration"], "command": "touch pwned"}}
    raw.patch(f"/work_pools/{POOL}", json={"base_job_template": bent}).raise_for_status()
    api.ensure_pool(settings.root)
    assert raw.get(f"/work_pools/{POOL}").json()["base_job_template"] == template


def test_a_run_begins_at_its_time_and_not_before(played, raw):
    run = raw.get(f"/flow_runs/{played['good'].id}").json()
    assert datetime.fromisoformat(run["start_time"]) >= played["good"].planned_at - NEVER_EARLY


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("good", ("COMPLETED", "Completed", "1 host: 1 succeeded; run run-good")),
        ("not-reached", ("FAILED", "Not reached", "1 host: 1 not reached; run run-not-reached")),
        ("unknown", ("CRASHED", "Unknown", "1 host: 1 unknown; run run-unknown")),
        ("paused", ("CANCELLED", "Refused", "paused in Prefect")),
        ("nobody-planned-this", ("CANCELLED", "Refused", "no occurrence nobody-planned-this is planned")),
    ],
)
def test_prefect_shows_how_it_ended_in_our_words(played, key, shown):
    assert (played[key].state_type, played[key].state_name, played[key].message) == shown


def test_a_defect_is_red_and_named(played):
    assert played["defect"].state_type == "FAILED"
    assert "a mistake of ours" in played["defect"].message


def test_every_host_has_a_line_in_prefects_log(played, raw):
    chosen = {"logs": {"flow_run_id": {"any_": [played["not-reached"].id]}}}
    assert wait_until(
        lambda: (
            "web1: not reached: it said so" in [log["message"] for log in raw.post("/logs/filter", json=chosen).json()]
        ),
        LIMIT,
    )


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
def test_after_the_end_no_process_and_no_open_run_is_left(settings, service, killed):
    """Stopped, a flow says itself how it ended; after a kill the next start settles what was left."""
    name = f"asleep-{killed}"
    with service.api() as api:
        sync(api, settings, AUDITS)
        home = next(each for each in api.deployments() if each.name == "acme--audits")
        run = api.create_run(new_run(occurrence(name, at=now()), home))
        assert wait_until((settings.root / "seen" / name).exists, LIMIT)
        assert wait_until(lambda: seen(api, run).state_type == "RUNNING", LIMIT)
    assert len(processes_of(settings)) >= 3
    assert not service.drain(timedelta(0))  # it would wait for the run that is asleep
    if killed:
        for pid in processes_of(settings):
            os.kill(pid, signal.SIGKILL)
    service.stop()
    assert processes_of(settings) == []
    said = []
    service.start(said.append)
    assert any("settled a run that the last service left behind" in line for line in said) is killed
    with service.api() as api:
        found = seen(api, run)
    assert (found.state_type, found.state_name) == ("CRASHED", "Crashed")
