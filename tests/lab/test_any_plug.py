"""Pull any plug while a real host is being changed: the truth is known afterwards and nothing was done twice."""

import json
import signal
import time

import pytest

pytestmark = pytest.mark.lab


def begin(start, seconds, *more):
    """The run's process and id, as soon as its first step is at work on the host."""
    run = start("run", "slowly", "acme/web1", "--seconds", str(seconds), "-t", "T-1", "--yes", *more)
    run_id, said = "", []
    for line in run.stdout:
        said.append(line)
        if line.startswith("Run "):
            run_id = line.split()[1]
        if "second 1" in line:
            return run, run_id
    raise AssertionError(f"the step did not begin: {''.join(said)}")


def effects(lab):
    return lab.inside("acme-web1", ["cat", "/root/effects"]).stdout.count("begun")


def outcome(command, run_id):
    runs = json.loads(command("runs", "list", "--json").stdout)
    return next(run["outcome"] for run in runs if run["id"] == run_id)


def shown(command, run_id):
    return json.loads(command("runs", "show", run_id, "--json").stdout)["states"][0]


def test_killed_between_the_steps_the_run_says_what_is_left_and_is_resumed(slow_runbook, start, command, lab, let_go):
    run, run_id = begin(start, 300)
    run.send_signal(signal.SIGKILL)
    run.wait(10)
    assert outcome(command, run_id) == "unknown"

    early = command("recover", run_id)
    assert early.returncode == 6
    assert "still at work" in early.stdout
    blocked = command("run", "slowly", "acme/web1", "--seconds", "1", "-t", "T-1", "--yes")
    assert "still at work there" in blocked.stderr
    assert "BLOCKED" in blocked.stdout

    let_go()
    late = command("recover", run_id, "--wait")
    assert late.returncode == 1, late.stderr
    assert "failed  found out by recovery: interrupted before act again" in late.stdout
    assert lab.inside("acme-web1", ["test", "-e", "/root/second"]).returncode == 1
    assert effects(lab) == 1

    resumed = command("runs", "resume", run_id, "--failed", "--yes")
    assert resumed.returncode == 0, resumed.stderr + resumed.stdout
    assert effects(lab) == 2, "a person asked for it"


def test_sigterm_leaves_within_five_seconds_and_what_runs_is_adopted(slow_runbook, start, command, lab, let_go):
    run, run_id = begin(start, 300)
    since = time.monotonic()
    run.send_signal(signal.SIGTERM)
    said = run.stdout.read()
    assert run.wait(5) == 130
    assert time.monotonic() - since < 5
    assert "msp-ops recover" in said
    assert outcome(command, run_id) == "unknown", "at once, not after 45 seconds"
    let_go()
    assert command("recover", run_id, "--wait").returncode == 1
    assert outcome(command, run_id) == "failed"
    assert effects(lab) == 1


def test_one_ctrl_c_lets_the_step_end_two_stop_it_on_the_host(slow_runbook, start, command, lab):
    run, run_id = begin(start, 3)
    run.send_signal(signal.SIGINT)
    assert "act again" not in run.stdout.read()
    assert run.wait(20) == 1
    assert shown(command, run_id)["reason"].endswith("1 of 2 steps were done")

    run, run_id = begin(start, 300)
    run.send_signal(signal.SIGINT)
    time.sleep(0.5)  # two presses, not one
    run.send_signal(signal.SIGINT)
    run.stdout.read()
    assert run.wait(20) == 1
    assert "act was stopped on the host: cancelled by" in shown(command, run_id)["reason"]
    assert lab.inside("acme-web1", ["pgrep", "-f", "sh ./script"]).stdout == "", "nothing of it runs there any more"


def test_somebody_elses_run_is_cancelled_through_the_store(slow_runbook, start, command, lab):
    run, run_id = begin(start, 300)
    said = command("runs", "cancel", run_id, "--now", "--because", "wrong client")
    assert said.returncode == 0, said.stderr
    run.stdout.read()
    assert run.wait(20) == 1
    assert "wrong client" in shown(command, run_id)["reason"]


def test_what_a_dead_process_left_running_is_cancelled_too(slow_runbook, start, command, lab):
    run, run_id = begin(start, 300)
    run.send_signal(signal.SIGKILL)
    run.wait(10)
    said = command("runs", "cancel", run_id, "--now", "--because", "wrong client")
    assert "act was stopped on the host" in said.stderr
    assert outcome(command, run_id) == "failed"


def test_the_kill_switch_stops_what_begins_and_what_is_next(slow_runbook, start, command, lab, let_go):
    run, run_id = begin(start, 300)
    assert command("stop-all", "--because", "bad patch", "--yes").returncode == 0
    refused = command("run", "slowly", "acme/web2", "--seconds", "1", "-t", "T-1", "--yes")
    assert refused.returncode == 4
    assert "bad patch" in refused.stderr
    let_go()
    run.stdout.read()
    assert run.wait(20) == 1
    assert shown(command, run_id)["reason"].endswith("bad patch; 1 of 2 steps were done")
    assert lab.inside("acme-web1", ["test", "-e", "/root/second"]).returncode == 1

    assert command("stop-all", "--lift").returncode == 0
    assert command("run", "slowly", "acme/web1", "--seconds", "1", "-t", "T-1", "--yes").returncode == 0


def test_a_host_that_loses_its_power_in_the_middle_is_judged_by_looking(slow_runbook, start, command, lab):
    run, run_id = begin(start, 300)
    lab.fault("acme-web1", "power-off")
    run.send_signal(signal.SIGTERM)
    run.wait(10)
    assert "not reached" not in outcome(command, run_id)
    off = command("recover", run_id)
    assert off.returncode == 6
    lab.clear("acme-web1")
    on = command("recover", run_id)
    assert on.returncode == 1, on.stdout + on.stderr
    assert "failed  found out by recovery: the host was restarted in the middle of act" in on.stdout
    assert effects(lab) == 1


def test_a_link_that_is_cut_for_a_while_costs_only_time(slow_runbook, start, command, lab, let_go):
    run, run_id = begin(start, 300)
    lab.fault("acme-web1", "link-down")
    for line in run.stdout:
        if "asked again" in line:
            break
    lab.clear("acme-web1")
    let_go()
    run.stdout.read()
    assert run.wait(60) == 0
    assert outcome(command, run_id) == "succeeded"
    assert effects(lab) == 1


def test_who_may_wait_comes_after_the_one_before(slow_runbook, start, lab, let_go):
    first, _ = begin(start, 300)
    second = start("run", "slowly", "acme/web1", "--seconds", "1", "-t", "T-2", "--yes", "--wait", "1m")
    assert any("is being changed by run" in line for line in second.stdout)
    let_go()
    for run in (first, second):
        said = run.stdout.read()
        assert run.wait(20) == 0, said
    assert effects(lab) == 2
