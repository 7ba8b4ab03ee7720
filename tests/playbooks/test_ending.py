"""Ended in the middle: nothing runs on here, nothing is left, and what is not known is said to be unknown."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.engine.stopping import Stopping
from msp_ops.playbooks.errors import PlaybookError
from msp_ops.playbooks.private import private_folder
from msp_ops.playbooks.processes import MARK, below, end_all, marked
from tests.playbooks.conftest import PUBLIC, gather
from tests.playbooks.hosts import has_passwords
from tests.playbooks.test_secrets import BY_PASSWORD, shared_memory

pytestmark = pytest.mark.wire


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def of_ansible(room: Path) -> list[str]:
    """Every process that was started for a playbook, by its surroundings; a zombie has none, and is our child."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"{MARK}={room}".encode() in environ.read_bytes():
                found.append((environ.parent / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


def zombies() -> list[str]:
    argv = ["ps", "--ppid", str(os.getpid()), "-o", "stat=,args="]
    said = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    return [line for line in said.splitlines() if line.startswith("Z")]


def nothing_is_left(room: Path) -> None:
    assert of_ansible(room) == []
    assert list(room.iterdir()) == []
    assert shared_memory() == []
    assert zombies() == []


def test_cancelled_in_the_middle_all_ends_and_the_hosts_are_unknown(six, begin, tmp_path, room):
    credential = BY_PASSWORD if has_passwords() else None
    targets = [six.target(1, credential), six.target(2), six.target(3, port=1), six.target(4)]
    stopping = Stopping()
    events = begin("rolling/waits.yml", targets, stopping, at_once=3)
    said = []
    for event in events:
        said.append(event)
        if {"web1.begun", "web2.begun"} <= {path.name for path in tmp_path.glob("*.begun")}:
            break
        if len(said) == 3:  # web1, web2, web3 began; web4 waits for a free place
            until(lambda: {"web1.begun", "web2.begun"} <= {path.name for path in tmp_path.glob("*.begun")})
    assert any("ssh" in line for line in of_ansible(room))
    stopping.cancel("Ada said stop")
    before = time.monotonic()
    played = gather(events)
    assert time.monotonic() - before < 15
    assert played.outcomes()["web1"] == played.outcomes()["web2"] == "unknown"
    assert played.outcomes()["web3"] == "not reached"
    assert played.ends["web1"].reason == "Ada said stop, in the middle of 'Work for a minute'"
    nothing_is_left(room)


def test_whoever_stops_listening_ends_it(six, begin, room):
    for event in begin("rolling/waits.yml", [six.target(1)]):
        assert event.status == "started"
        break
    nothing_is_left(room)


def test_at_the_limit_before_anything_began_no_host_was_touched(six, begin, room):
    with pytest.raises(PlaybookError, match="did not begin: it did not end within 0:00:00"):
        gather(begin("rolling/waits.yml", [six.target(1)], timeout=timedelta(seconds=0)))
    nothing_is_left(room)


CHILD = """
import os, sys
from datetime import timedelta
from pathlib import Path
from msp_ops.domain.client import Credential, Host
from msp_ops.engine.stopping import Stopping
from msp_ops.playbooks.job import Playbook, PlaybookJob
from msp_ops.playbooks.run import run_playbook
from msp_ops.secrets.references import resolver
from msp_ops.transports.base import Target

place, public, port, pin, key, memory = sys.argv[1:]
host = Host(id="web1", address="127.0.9.1", port=int(port), host_keys=(pin,))
credential = Credential(user="root", key=f"file:{key}", sudo_password="env:ACME_SUDO")
job = PlaybookJob(
    what=Playbook(folder=Path(public), file="waits.yml"),
    hosts=(Target(who="acme/web1", host=host, credential=credential),),
    groups={}, variables={"place": place}, check=False, timeout=timedelta(minutes=2), workspace=Path("/"),
    memory=Path(memory), silence=timedelta(seconds=4),
)
for event in run_playbook(job, Stopping(), resolver(Path("/"), os.environ), lambda said: said):
    print(event, flush=True)
"""


@pytest.fixture
def in_the_middle(six, tmp_path, memory):
    """A process of ours whose playbook is at work on a host."""
    words = [tmp_path, PUBLIC / "rolling", str(six.port), six.pin, six.folder / "login", memory]
    argv = [sys.executable, "-c", CHILD, *words]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as process:
        until((tmp_path / "web1.begun").exists)
        yield process
        process.kill()


def test_when_our_process_is_killed_everything_ends_by_itself(in_the_middle, room):
    in_the_middle.kill()
    in_the_middle.wait()
    until(lambda: not of_ansible(room) and not list(room.iterdir()), seconds=10)


def test_when_our_process_is_frozen_everything_ends_before_others_take_the_host_for_free(in_the_middle, room):
    os.kill(in_the_middle.pid, signal.SIGSTOP)
    until(lambda: not of_ansible(room) and not list(room.iterdir()), seconds=15)


def test_what_two_killed_processes_leave_is_swept_at_the_next_start(in_the_middle, memory, room):
    keeper = next(pid for pid in below(in_the_middle.pid) if b"keeper" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(in_the_middle.pid, signal.SIGSTOP)  # so that neither can see the other's end
    os.kill(keeper, signal.SIGKILL)
    in_the_middle.kill()
    in_the_middle.wait()
    folder = next(room.iterdir())
    until(lambda: keeper not in marked(folder))
    assert marked(folder)
    assert any(room.rglob("inventory.yml"))
    with private_folder(memory) as mine:
        assert list(room.iterdir()) == [mine.path]
        until(lambda: not of_ansible(room), seconds=5)
    assert list(room.iterdir()) == []


def test_a_folder_at_work_is_not_swept(memory):
    with private_folder(memory) as first:
        with private_folder(memory) as second:
            assert first.path.is_dir()
            assert second.path.is_dir()
        assert first.path.is_dir()


def test_a_process_that_went_its_own_way_is_found_and_ended(tmp_path):
    script = "import os, sys, time\nif os.fork(): sys.exit()\nos.setsid()\ntime.sleep(60)\n"
    subprocess.run([sys.executable, "-c", script], env={MARK: str(tmp_path)}, check=True)
    assert len(marked(tmp_path)) == 1
    assert end_all(lambda: marked(tmp_path)) == []
    assert marked(tmp_path) == []


def test_a_playbook_that_says_nothing_for_longer_than_we_may_goes_on(six, begin):
    text = "- hosts: all\n  gather_facts: no\n  tasks:\n    - {name: think, raw: sleep 6}\n"
    played = gather(begin(text, [six.target(1)], silence=timedelta(seconds=4)))
    assert played.outcomes() == {"web1": "succeeded"}
