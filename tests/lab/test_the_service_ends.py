"""SIGTERM to the service in the middle of a change: it leaves within seconds, and the truth is still known."""

import json
import signal
import time

import pytest

pytestmark = [pytest.mark.lab, pytest.mark.prefect]


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)
    return found


def test_a_flow_leaves_and_the_service_that_comes_back_finds_out(slow_runbook, start, command, lab, tmp_path):
    service = start("up", "--ready", str(tmp_path / "ready"))
    wait_until((tmp_path / "ready").exists, 90)
    asked = command("run", "slowly", "acme/web1", "--seconds", "30", "-t", "T-1", "--via-prefect", "--yes")
    assert asked.returncode == 0, asked.stderr
    begun = ["test", "-e", "/root/effects"]
    wait_until(lambda: lab.inside("acme-web1", begun).returncode == 0, 60)

    since = time.monotonic()
    service.send_signal(signal.SIGTERM)
    service.stdout.read()
    assert service.wait(15) == 0
    assert time.monotonic() - since < 10
    (run,) = json.loads(command("runs", "list", "--json").stdout)
    assert run["outcome"] == "unknown", "said at once, by the flow itself"

    start("up")

    def found_out():
        (now,) = json.loads(command("runs", "list", "--json").stdout)
        return now["outcome"] if now["outcome"] != "unknown" else None

    assert wait_until(found_out, 120) == "failed", "its second step was never begun"
    assert lab.inside("acme-web1", ["cat", "/root/effects"]).stdout.count("begun") == 1
