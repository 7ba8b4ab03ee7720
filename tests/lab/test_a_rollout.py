"""A change reaches real hosts in the order of its rollout, restarts them, and stops when one does not end well."""

import json
import re

import pytest

pytestmark = pytest.mark.lab


@pytest.fixture
def careful(workspace):
    """Acme's changes go to web2 first, alone, and stop after one that did not end well."""
    path = workspace / "clients" / "acme.yaml"
    path.write_text(path.read_text() + "\nrollout: {canary: [web2], stop_after: 1}\n")


def boot_id(lab, name):
    return lab.inside(name, ["cat", "/proc/sys/kernel/random/boot_id"]).stdout


def states(command, run_id):
    return {each["host_id"]: each for each in json.loads(command("runs", "show", run_id, "--json").stdout)["states"]}


def run_id_of(done):
    return re.search(r"^Run (\S+)$", done.stderr, re.MULTILINE)[1]


def test_hosts_are_patched_and_restarted_one_after_the_other_and_come_back(careful, fresh, command, lab):
    fresh("acme-web1", "acme-web2")
    before = {name: boot_id(lab, name) for name in ("acme-web1", "acme-web2")}
    done = command("run", "patch-linux", "acme/web", "--reboot", "always", "--yes", timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "order web2 first, alone" in done.stderr
    assert done.stdout.index("acme/web2: ") < done.stdout.index("acme/web1: ")
    for name, was in before.items():
        assert boot_id(lab, name) != was
    restarted = [
        step
        for state in states(command, run_id_of(done)).values()
        for step in state["result"]["steps"]
        if step["changed"] == ["the host was restarted"]
    ]
    assert len(restarted) == 2


def test_a_canary_that_fails_keeps_the_others_as_they_are(careful, fresh, command, lab):
    fresh("acme-web1", "acme-web2")
    lab.fault("acme-web2", "broken-package")
    done = command("run", "patch-linux", "acme/web", "--yes", timeout=400)
    assert done.returncode == 1, done.stdout + done.stderr
    found = states(command, run_id_of(done))
    assert found["web2"]["outcome"] == "failed"
    assert found["web1"]["outcome"] == "deferred"
    assert "the rollout stopped: web2 failed" in found["web1"]["reason"]
    untouched = lab.inside("acme-web1", ["sh", "-c", "ls /run/msp-ops /var/lib/msp-ops 2>/dev/null"])
    assert "web1" not in untouched.stdout


def test_a_host_that_does_not_come_back_stops_the_rollout_and_is_found_out_later(
    careful, fresh, command, workspace, lab
):
    fresh("acme-web1", "acme-web2")
    folder = workspace / "runbooks" / "restart"
    folder.mkdir(parents=True)
    (folder / "runbook.yaml").write_text(
        "title: Restart\nactivity: break/fix\nimpact: reboots\nparameters: {}\n"
        "steps:\n  - {reboot: always, name: restart, timeout: 6s}\n"
        "verify:\n  - {check: failed-units}\nclient_sentence: Restarted a machine.\n"
    )
    lab.fault("acme-web2", "reboot-stuck")
    done = command("run", "restart", "acme/web", "-t", "T-1", "--yes", timeout=400)
    assert done.returncode == 6, done.stdout + done.stderr
    run_id = run_id_of(done)
    found = states(command, run_id)
    assert found["web2"]["outcome"] == "unknown"
    assert "was not back within" in found["web2"]["reason"]
    assert found["web1"]["outcome"] == "deferred"

    lab.clear("acme-web2")
    later = command("recover", run_id)
    assert later.returncode == 0, later.stdout + later.stderr
    assert states(command, run_id)["web2"]["outcome"] == "succeeded"
