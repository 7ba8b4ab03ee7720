"""The peer ansible-core at its best: 50 forks, pipelining, one SSH master a host that persists, no facts.

It is driven through its program; the files that it reads are written here.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleet import PORT, Fleet
from benchmarks.peers import peers_bin

CONFIG = """\
[defaults]
forks = {at_once}
strategy = linear
gathering = explicit
host_key_checking = True
timeout = 60
local_tmp = {home}/tmp
[ssh_connection]
pipelining = True
control_path_dir = {home}/c
ssh_args = -F /dev/null -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile={known_hosts} \
-o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o IdentityAgent=none -o PreferredAuthentications=publickey \
-o UpdateHostKeys=no{more}
"""
VARIABLES = """\
[all:vars]
ansible_port={port}
ansible_user=root
ansible_ssh_private_key_file={key}
ansible_python_interpreter=/usr/bin/python3
"""
QUICK_KEYS = " -o KexAlgorithms=curve25519-sha256"  # OpenSSH 9.2's first choice costs a client 57 ms
RECAP = re.compile(r"^\S+ +: ok=(\d+) .*unreachable=0 +failed=0 ", re.MULTILINE)


@dataclass(frozen=True)
class Task:
    """One shell command; `answers` marks are looked for in what it prints when a pattern is given."""

    command: str
    mark: str = ""
    answers: int = 1

    def shown(self) -> str:
        """As YAML; nothing of a command is taken for a template."""
        lines = [
            f"- ansible.builtin.shell: {{cmd: !unsafe {json.dumps(self.command)}}}",
            "  changed_when: false",
            "  register: said",
        ]
        if self.mark:
            lines.append(f"  failed_when: (said.stdout | regex_findall({self.mark!r}) | length) != {self.answers}")
        return "\n".join(f"    {line}" for line in lines)


@dataclass(frozen=True)
class Ansible:
    """Who plays, and on which hosts; `folder` takes the files that it reads."""

    folder: Path
    fleet: Fleet
    known_hosts: Path
    hosts: Sequence[str]
    at_once: int

    def play(self, name: str, tasks: Sequence[Task], more: str = "") -> list[str]:
        """The command that carries these tasks out; a folder of that name is all that it sees of a home."""
        home = self.folder / name
        home.mkdir()
        config = CONFIG.format(at_once=self.at_once, home=home, known_hosts=self.known_hosts, more=more)
        (home / "ansible.cfg").write_text(config, encoding="utf-8")
        inventory = "\n".join(("[all]", *self.hosts, VARIABLES.format(port=PORT, key=self.fleet.login_key)))
        (home / "hosts").write_text(inventory, encoding="utf-8")
        play = "\n".join(("- hosts: all", "  gather_facts: false", "  tasks:", *(task.shown() for task in tasks)))
        (home / "play.yml").write_text(play + "\n", encoding="utf-8")
        environment = [f"HOME={home}", f"ANSIBLE_CONFIG={home}/ansible.cfg", "LC_ALL=C.UTF-8", "ANSIBLE_NOCOLOR=1"]
        program = str(peers_bin() / "ansible-playbook")
        return ["env", *environment, program, "-i", str(home / "hosts"), str(home / "play.yml")]


def tasks_done(said: str) -> int:
    """Of all hosts that failed in nothing, by Ansible's own recap."""
    return sum(map(int, RECAP.findall(said)))
