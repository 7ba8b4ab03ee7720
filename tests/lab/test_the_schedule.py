"""A night of the calendar: `msp-ops up` on real hosts, with a real Prefect server and worker."""

import json
import signal
import subprocess
from datetime import timedelta

import httpx
import pytest

from msp_ops.cli.demo_workspace import write_workspace
from msp_ops.engine.system_clock import SystemClock
from tests.lab.waiting import wait_until

pytestmark = [pytest.mark.lab, pytest.mark.prefect]
API = "http://127.0.0.1:4215/api"


@pytest.fixture
def workspace(lab, tmp_path, fresh):
    """The sample inventory, its schedules in the next minute that leaves the service time to start."""
    fresh("acme-web1", "acme-web2", "acme-db1", "borealis-app1", "borealis-files1")
    lab.fault("borealis-files1", "power-off")
    begins_at = (SystemClock().now() + timedelta(seconds=90)).replace(second=0, microsecond=0)
    write_workspace(lab, tmp_path / "workspace", begins_at)
    return tmp_path / "workspace"


def flow_runs(workspace):
    password = (workspace / ".state" / "prefect-password").read_text().strip()
    user, _, secret = password.partition(":")
    answer = httpx.post(f"{API}/flow_runs/filter", json={"limit": 200}, auth=(user, secret))
    return answer.raise_for_status().json(), (user, secret)


def test_a_night_of_the_calendar(start, command, workspace, lab, tmp_path):  # noqa: PLR0915  # a night is long
    ready = tmp_path / "ready"
    service = start("up", "--ready", str(ready))
    wait_until(ready.exists, 90)

    second = command("up")
    assert second.returncode == 1
    assert "already running" in second.stderr

    again = command("schedules", "sync", "--yes")
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip().endswith("unchanged")
    assert "create" not in again.stdout

    handed = command("run", "audit-health", "acme/web1", "--via-prefect", "--json")
    assert handed.returncode == 0, handed.stderr

    runs, auth = flow_runs(workspace)
    victim = next(run for run in runs if run["state_type"] == "SCHEDULED" and run["parameters"].get("occurrence"))
    forged = {
        "state": {"type": "SCHEDULED"},
        "parameters": {"occurrence": "forged"},
        "job_variables": {"command": f"touch {tmp_path}/pwned", "env": {"PWNED": "1"}},
    }
    made = httpx.post(f"{API}/deployments/{victim['deployment_id']}/create_flow_run", json=forged, auth=auth)

    def ended():
        listed = json.loads(command("runs", "list", "--json").stdout)
        scheduled = [run for run in listed if run["trigger"]["kind"] == "scheduled" and run["ended_at"]]
        return listed if len(scheduled) == 6 and len(listed) == 7 and all(run["ended_at"] for run in listed) else None

    listed = wait_until(ended, 150)
    outcomes = {(run["client"], run["runbook"], run["trigger"]["kind"]): run["outcome"] for run in listed}
    assert outcomes == {
        ("acme", "patch-linux", "scheduled"): "succeeded",
        ("acme", "check-backup-postgres", "scheduled"): "succeeded",
        ("acme", "check-backup-restic", "scheduled"): "succeeded",
        ("acme", "audit-health", "scheduled"): "succeeded",
        ("acme", "audit-health", "on-demand"): "succeeded",
        ("borealis", "audit-health", "scheduled"): "not reached",
        ("borealis", "patch-linux", "scheduled"): "not reached",
    }

    def all_told():
        known, _ = flow_runs(workspace)
        begun = [run for run in known if run["state_type"] not in {"SCHEDULED", "PENDING", "RUNNING"}]
        return {run["name"].rsplit(" ", 2)[0]: run["state_type"] for run in begun} if len(begun) >= 7 else None

    states = wait_until(all_told, 60)
    assert states["acme patch-nights"] == states["acme audit"] == "COMPLETED"
    assert states["borealis audit"] != "COMPLETED", "a dead host is not Completed"
    assert not (tmp_path / "pwned").exists()
    if made.status_code < 300:
        forged_run, _ = flow_runs(workspace)
        mine = next(run for run in forged_run if run["id"] == made.json()["id"])
        assert mine["state_type"] != "COMPLETED"

    paused = command("schedules", "pause", "acme", "audit", "--why", "a trade fair")
    assert paused.returncode == 0, paused.stderr
    assert command("schedules", "sync", "--yes").returncode == 0
    names = [run["name"] for run in flow_runs(workspace)[0] if run["state_type"] == "SCHEDULED"]
    assert not [name for name in names if name.startswith("acme audit")]
    assert [name for name in names if name.startswith("acme patch-nights")]

    service.send_signal(signal.SIGTERM)
    assert service.wait(60) == 0, service.stdout.read()
    left = subprocess.run(["pgrep", "-f", str(workspace)], capture_output=True, check=False).stdout
    assert left == b""
    assert command("run", "audit-health", "acme/web2").returncode == 0, "Prefect is down and nothing changes"
