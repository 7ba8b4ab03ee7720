"""`kill -9` in the middle of a patch run: nothing lost, nothing doubled, nothing repeated."""

import json
import signal

import pytest

from tests.lab.waiting import wait_until

pytestmark = pytest.mark.lab


def kill_while_it_installs(start):
    """The run's id, its process killed while dpkg is at work on the host."""
    run = start("run", "patch-linux", "acme/web1", "--yes")
    run_id = ""
    for line in run.stdout:
        if line.startswith("Run "):
            run_id = line.split()[1]
        if "Unpacking" in line or "Preparing to unpack" in line:
            break
    run.send_signal(signal.SIGKILL)
    run.wait(10)
    assert run_id
    return run_id


def test_the_run_is_unknown_the_host_finishes_and_the_next_run_finds_it_out(fresh, start, command, lab):
    fresh("acme-web1")
    lab.fault("acme-web1", "slow-package")
    run_id = kill_while_it_installs(start)

    listed = command("runs", "list", "--json")
    assert json.loads(listed.stdout)[0]["outcome"] == "unknown"
    assert f"msp-ops recover {run_id}" in listed.stderr

    again = command("run", "patch-linux", "acme/web1", "--yes")
    assert again.returncode == 1
    assert "blocked" in again.stdout.lower()
    assert run_id in again.stdout

    folder = f"/run/msp-ops/{run_id}-web1-0"
    wait_until(lambda: lab.inside("acme-web1", ["test", "-e", f"{folder}/exit"]).returncode == 0)
    assert lab.inside("acme-web1", ["dpkg-query", "-W", "-f", "${Version}", "lab-slow"]).stdout.startswith("1.1")

    third = command("run", "patch-linux", "acme/web1", "--yes")
    assert third.returncode == 0, third.stderr
    assert f"run {run_id} had left it unknown; asked now: succeeded" in third.stderr

    records = json.loads(command("work", "list", "acme", "--json").stdout)
    mine = [each["record"] for each in records if each["record"]["run_id"] == run_id]
    assert [record["flags"] for record in mine] == [["estimated"]]
    assert len({each["record"]["run_id"] for each in records}) == len(records) == 3
