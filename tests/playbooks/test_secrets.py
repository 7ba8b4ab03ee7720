"""No secret that Ansible was given is seen by anybody else, stays anywhere, or comes back in what was said."""

import os
import re
import subprocess
import tempfile
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.client import Credential
from msp_ops.playbooks.job import MEMORY
from tests.playbooks.conftest import gather
from tests.playbooks.hosts import PASSWORD, SUDO_PASSWORD, has_passwords

pytestmark = [pytest.mark.wire, pytest.mark.skipif(not has_passwords(), reason="only root may give sshd a password")]
BY_PASSWORD = Credential(user="root", password="env:ACME_PASSWORD", sudo_password="env:ACME_SUDO")
TALKATIVE = """\
- hosts: all
  gather_facts: false
  vars_prompt: [{name: colour, prompt: A question that nobody can answer, default: blue}]
  tasks:
    - name: By sudo
      shell: test "$I_AM" = root-by-sudo && echo of {{ colour }} {{ lock_wait | quote }}
      become: true
      become_user: daemon
    - name: All that it knows
      debug: {var: hostvars}
    - name: In a failure
      fail: {msg: "{{ ansible_password }} and {{ ansible_become_password }}"}
"""
BETWEEN_TWO_PROCESSES = re.compile(r"-partial\.json(\.tmp)?$")  # Ansible writes it, ansible-runner reads and removes it


class Watcher:
    """Looks all the time: at every process's words and surroundings, and at which files hold a secret, how open."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self.told = set()
        self.files = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self):
        while not self._stop.wait(0.005):
            for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
                with suppress(OSError):
                    if path.parent.name != str(os.getpid()) and has_secret(path.read_bytes()):
                        self.told.add(path.name)
            # a folder that goes meanwhile is passed by
            for path in (Path(folder, name) for folder, _, names in os.walk(self.room) for name in names):
                with suppress(OSError):
                    if path.is_file() and has_secret(path.read_bytes()):
                        self.files[path.name] = path.stat().st_mode & 0o777

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def shared_memory() -> list[Path]:
    """Where Ansible hands ssh a password, when it was not removed."""
    return [path for path in MEMORY.glob("psm_*") if has_secret(path.read_bytes())]


def has_secret(said: bytes) -> bool:
    spellings = [PASSWORD, SUDO_PASSWORD, PASSWORD.replace('"', '\\"'), SUDO_PASSWORD.replace('"', '\\"')]
    return any(each.encode() in said for each in spellings)


def test_passwords_are_seen_by_nobody_and_gone_at_the_end(six, begin, tmp_path, room):
    variables = {"lock-wait": "{{ lookup('pipe', 'touch " + str(tmp_path) + "/hacked') }}"}
    (begun := tmp_path / "begun").touch()
    with Watcher(room) as watcher:
        played = gather(
            begin(TALKATIVE, [six.target(1, BY_PASSWORD)], variables=variables, timeout=timedelta(minutes=1))
        )
    end = played.ends["web1"]
    assert (end.outcome.word, end.changed) == ("failed", ("By sudo",))
    assert end.reason == "In a failure: [secret] and [secret]"
    assert f"of blue {variables['lock-wait']}" in [said.text for said in played.said]
    assert not (tmp_path / "hacked").exists()
    assert not has_secret(repr(played).encode())
    assert watcher.told == set()
    assert set(watcher.files.values()) == {0o600}
    assert {name for name in watcher.files if not BETWEEN_TWO_PROCESSES.search(name)} == {"inventory.yml"}
    assert list(room.iterdir()) == []
    assert shared_memory() == []
    assert room.stat().st_mode & 0o777 == 0o700
    assert on_disks(begun, tmp_path) == ""


def on_disks(since: Path, *places: Path) -> str:
    """Files with a secret where Ansible and its runner write when they are left to themselves."""
    words = ["-e", SUDO_PASSWORD.replace('"', '\\"'), "-e", SUDO_PASSWORD, "{}", "+"]
    where = [*places, Path.home() / ".ansible", Path(tempfile.gettempdir())]
    new = ["find", *where, "-newer", since, "-type", "f", "-not", "-path", "*/six0/*", "-exec", "grep", "-lF"]
    return subprocess.run([*new, *words], capture_output=True, text=True, check=False).stdout
