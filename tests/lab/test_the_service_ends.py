"""SIGTERM to the service in the middle of a change: it leaves within seconds, and the truth is still known."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.lab.waiting import wait_until

pytestmark = [pytest.mark.lab, pytest.mark.prefect]


def begun_by_the_service(start, command, lab, tmp_path):
    """The service, in the middle of a change."""
    service = start("up", "--ready", str(tmp_path / "ready"))
    wait_until((tmp_path / "ready").exists, 90)
    asked = command("run", "slowly", "acme/web1", "--seconds", "300", "-t", "T-1", "--via-prefect", "--yes")
    assert asked.returncode == 0, asked.stderr
    begun = ["test", "-e", "/root/effects"]
    wait_until(lambda: lab.inside("acme-web1", begun).returncode == 0, 60)
    return service


def test_a_flow_leaves_and_the_service_that_comes_back_finds_out(slow_runbook, start, command, lab, tmp_path, let_go):
    service = begun_by_the_service(start, command, lab, tmp_path)
    since = time.monotonic()
    service.send_signal(signal.SIGTERM)
    service.stdout.read()
    assert service.wait(15) == 0
    assert time.monotonic() - since < 10
    (run,) = json.loads(command("runs", "list", "--json").stdout)
    assert run["outcome"] == "unknown", "said at once, by the flow itself"

    start("up")
    let_go()

    def found_out():
        (now,) = json.loads(command("runs", "list", "--json").stdout)
        return now["outcome"] if now["outcome"] != "unknown" else None

    assert wait_until(found_out, 120) == "failed", "its second step was never begun"
    assert lab.inside("acme-web1", ["cat", "/root/effects"]).stdout.count("begun") == 1


def test_prefects_server_is_killed_and_the_change_is_found_out(slow_runbook, start, command, lab, tmp_path, let_go):
    service = begun_by_the_service(start, command, lab, tmp_path)
    server = subprocess.run(["pgrep", "-f", "prefect server start"], capture_output=True, text=True, check=True)
    mine = next(pid for pid in server.stdout.split() if parent(pid) == service.pid)
    os.kill(int(mine), signal.SIGKILL)
    said = service.stdout.read()
    assert service.wait(30) == 1
    assert "Prefect's server ended by itself" in said

    let_go()
    late = command("recover", "--wait")
    assert late.returncode == 1, late.stderr
    assert "failed  found out by recovery: interrupted before act again" in late.stdout
    assert lab.inside("acme-web1", ["cat", "/root/effects"]).stdout.count("begun") == 1


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
