"""A playbook in a runbook, from the command line to a real host and back: run, previewed, killed in the middle."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.torture.host import host_alone
from tests.torture.world import make_workspace

pytestmark = [pytest.mark.wire, pytest.mark.skipif(os.geteuid() != 0, reason="a host's marks are root's")]
RUNBOOK = """\
title: Greet
activity: break/fix
impact: changes
expected: 1m
parameters:
  greeting: {kind: text, title: What to say, default: "it's {{ 1 + 1 }} $HOME"}
  slow: {kind: bool, title: Take a minute}
steps:
  - {playbook: greet.yml, name: greet, timeout: 5m, groups: {greeters: praxis, others: []}}
  - module: ansible.builtin.raw  # it needs no Python on the host
    name: sign
    arguments: {_raw_params: "echo signed >>TRACES/greeting"}
    when: {after: {greet: changed}}
verify:
  - {script: verify.sh, run_as: login}
client_sentence: Greeted.
"""
PLAYBOOK = """\
- hosts: greeters
  gather_facts: no
  vars: {ansible_python_interpreter: /usr/bin/python3}
  tasks:
    - name: say it
      copy: {content: "{{ greeting }}\\n", dest: TRACES/greeting, force: no}
    - name: take a while
      command: touch TRACES/begun
      when: slow == 'yes'
    - name: still at it
      command: sleep 60
      when: slow == 'yes'
"""
VERIFY = """\
#!/bin/sh
[ "$(cat "$TRACES/greeting")" = "$greeting
signed" ]
"""
REHEARSAL = """\
title: Greets and signs
proves: success
at: 2026-11-23T00:09:24Z
says:
  greet: {output: "msp: changed say it"}
  sign: {output: "msp: changed ansible.builtin.raw"}
  verify: {}
expect: {outcome: succeeded, changed: [say it, ansible.builtin.raw], findings: []}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("playbook-step")
    with host_alone(root / "web1") as server:
        workspace = make_workspace(root / "desk", {"web1": server})
        book = workspace / "runbooks" / "greet"
        book.mkdir()
        (book / "runbook.yaml").write_text(RUNBOOK.replace("TRACES", str(root / "web1" / "traces")))
        (book / "rehearsals").mkdir()
        (book / "rehearsals" / "success.yaml").write_text(REHEARSAL)
        (book / "greet.yml").write_text(PLAYBOOK.replace("TRACES", str(root / "web1" / "traces")))
        (book / "verify.sh").write_text(VERIFY)
        yield workspace


def command(place: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "msp_ops", "-w", str(place), *words]


def typed(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(place, *words), capture_output=True, text=True, check=False, timeout=180)


def traces(place: Path) -> Path:
    return place.parent / "web1" / "traces"


def test_a_playbook_is_previewed_run_and_proved(place):
    looked = typed(place, "run", "greet", "acme/web1", "--check")
    assert "greet: would change: say it" in looked.stdout + looked.stderr
    assert "sign: every task was skipped here, as Ansible does in a check" in looked.stdout + looked.stderr
    assert looked.returncode == 0
    assert not (traces(place) / "greeting").exists()
    done = typed(place, "run", "greet", "acme/web1", "-t", "T-7", "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (traces(place) / "greeting").read_text() == "it's {{ 1 + 1 }} $HOME\nsigned\n"
    (ended,) = [line for line in map(json.loads, done.stdout.splitlines()) if line["event"] == "HostEnded"]
    steps = [(step["name"], step["outcome"], step["changed"]) for step in ended["value"]["result"]["steps"][:2]]
    assert steps == [("greet", "succeeded", ["say it"]), ("sign", "succeeded", ["ansible.builtin.raw"])]
    again = typed(place, "run", "greet", "acme/web1", "-t", "T-7", "--yes")
    assert "nothing was to do" in again.stdout + again.stderr


AUDIT = """\
title: Is it as it should be
activity: health
impact: read-only
steps:
  - module: MODULE
    name: it
    arguments: ARGUMENTS
    timeout: 2m
client_sentence: Looked.
"""


@pytest.mark.parametrize(
    ("module", "arguments", "code", "says"),
    [
        ("ansible.builtin.debug", "{msg: all is well}", 0, "acme/web1: ok"),
        ("ansible.builtin.add_host", "{name: another}", 1, "it: ansible.builtin.add_host would change something"),
        ("ansible.builtin.raw", "{_raw_params: touch TRACES/set}", 1, "UNVERIFIED it could not tell: every task was"),
    ],
)
def test_a_module_that_looks_says_whether_all_is_as_it_should_be_and_sets_nothing(
    place, module, arguments, code, says
):  # modules that need no Python on the host
    book = place / "runbooks" / "audit"
    book.mkdir(exist_ok=True)
    text = AUDIT.replace("MODULE", module).replace("ARGUMENTS", arguments).replace("TRACES", str(traces(place)))
    (book / "runbook.yaml").write_text(text)
    done = typed(place, "run", "audit", "acme/web1", "--yes")
    assert says in done.stdout + done.stderr
    assert done.returncode == code
    assert not (traces(place) / "set").exists()


def test_both_are_rehearsed_without_ansible_or_a_host(place):
    rehearsed = typed(place, "runbooks", "rehearse", "greet")
    assert rehearsed.returncode == 0, rehearsed.stdout + rehearsed.stderr


def test_a_controller_that_is_killed_leaves_the_host_held_and_nothing_is_run_again(place):
    words = command(place, "run", "greet", "acme/web1", "--slow", "-t", "T-8", "--yes", "--json")
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        until((traces(place) / "begun").exists, child)
        child.send_signal(signal.SIGKILL)
    busy = typed(place, "recover", "--json")
    assert "still at work" in busy.stdout + busy.stderr
    held = typed(place, "run", "greet", "acme/web1", "-t", "T-9", "--yes")
    assert held.returncode != 0


def until(seen, child, limit=60):
    end = time.monotonic() + limit
    while not seen():
        assert child.poll() is None, "it ended by itself"
        assert time.monotonic() < end
        time.sleep(0.1)
