"""What every contestant is asked to do, as commands; and how many answers its output proves."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleet import PORT, Fleet
from benchmarks.peer_ansible import QUICK_KEYS, Ansible, Task, tasks_done
from benchmarks.peers import peers_bin
from benchmarks.workspaces import Place, addresses, write_client, write_runbook, write_workspace
from msp_ops.checks.table import CHECKS
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import CheckStep
from msp_ops.engine.batch import Batch, compose
from msp_ops.wiring import load_files, open_workspace, read_settings

AT_ONCE = 50
OK = "echo ok"
ONE_COMMAND = """\
title: One command
activity: health
impact: read-only
steps:
  - {script: one.sh}
client_sentence: Asked one thing.
"""


@dataclass(frozen=True)
class Contestant:
    """`answers` reads what its program said, or what it left; `rounds` at most, when one takes minutes."""

    name: str
    argv: list[str]
    answers: Callable[[str], int]
    expected: int
    rounds: int = 99


class Arena:
    """A number of hosts of the fleet, and everything that each contestant must know of them."""

    def __init__(self, folder: Path, fleet: Fleet, hosts: int) -> None:
        self.hosts = hosts
        self.workspace = folder / "workspace"
        self._folder = folder
        self._fleet = fleet
        self._addresses = list(addresses(hosts))
        folder.mkdir()
        write_workspace(self.workspace, fleet.login_key)
        write_client(self.workspace, "fleet", [Place(address, PORT) for address in self._addresses], fleet.pin)
        write_runbook(self.workspace, "one-command", ONE_COMMAND, {"one.sh": f"#!/bin/sh\n{OK}\n"})
        self._known_hosts = folder / "known_hosts"
        known = "".join(f"[{address}]:{PORT} {fleet.pin}\n" for address in self._addresses)
        self._known_hosts.write_text(known, encoding="utf-8")

    def one_command(self) -> list[Contestant]:
        """Connect, and one command."""
        return [
            self._ours("one-command", 1),
            self._bare("ok", f"{OK}\n".encode(), "(?m)^ok$", 1),
            self._pyinfra({"ok": OK}),
            self._ansible("one command", [Task(OK)]),
        ]

    def audit(self) -> list[Contestant]:
        """The ten checks of audit-health: for Ansible as ten tasks, and as the script that msp-ops sends."""
        batch = self._batch()
        checks = {step.check: CHECKS[step.check].command for step in batch.steps}
        script, mark = batch.script.decode(), rf"(?m)^{batch.mark} \d+ 0$"
        whole = Task(script, mark=mark, answers=len(checks))
        return [
            self._ours("audit-health", len(checks)),
            self._bare("audit", batch.script, mark, len(checks)),
            self._pyinfra(checks),
            self._ansible("same script", [whole]),
            self._ansible("same script, curve25519", [whole], QUICK_KEYS),
            self._ansible("ten tasks", [Task(command) for command in checks.values()], rounds=1),
        ]

    def _batch(self) -> Batch:
        steps = load_files(read_settings(self.workspace)).runbook("audit-health").steps
        return compose([step for step in steps if isinstance(step, CheckStep)], CHECKS, {})

    def _ours(self, runbook: str, each: int) -> Contestant:
        words = ["-w", str(self.workspace), "run", runbook, "fleet/all", "--at-once", str(AT_ONCE), "--yes"]
        argv = [sys.executable, "-m", "msp_ops", *words]
        return Contestant("msp-ops", self._fleet.inside(argv), self._recorded, each * self.hosts)

    def _recorded(self, _said: str) -> int:
        """Steps of the last run whose answer was understood and is in the store."""
        with open_workspace(read_settings(self.workspace)) as parts:
            run = parts.store.runs.list(limit=1, depth="steps")[0]
        results = [host.result for host in run.hosts if host.result is not None]
        return sum(step.outcome is Outcome.SUCCEEDED for result in results for step in result.steps)

    def _bare(self, name: str, script: bytes, mark: str, each: int) -> Contestant:
        path = self._folder / name
        path.write_bytes(script)
        words = [str(self._fleet.login_key), str(self._known_hosts), str(path), mark, str(AT_ONCE)]
        argv = [sys.executable, "-m", "benchmarks.bare_paramiko", *words]
        return Contestant("bare paramiko", self._fleet.inside(argv), _counted, each * self.hosts)

    def _pyinfra(self, commands: dict[str, str]) -> Contestant:
        spec = {
            "hosts": self._addresses,
            "port": PORT,
            "key": str(self._fleet.login_key),
            "known_hosts": str(self._known_hosts),
            "at_once": AT_ONCE,
            "commands": commands,
        }
        path = self._folder / f"pyinfra-{len(commands)}.json"
        path.write_text(json.dumps(spec), encoding="utf-8")
        program = Path(__file__).with_name("peer_pyinfra.py")
        argv = [str(peers_bin() / "python"), str(program), str(path)]
        name = f"pyinfra, {len(commands)} operations" if len(commands) > 1 else "pyinfra"
        return Contestant(name, self._fleet.inside(argv), _counted, len(commands) * self.hosts)

    def _ansible(self, name: str, tasks: list[Task], more: str = "", rounds: int = 99) -> Contestant:
        player = Ansible(self._folder, self._fleet, self._known_hosts, self._addresses, AT_ONCE)
        argv = self._fleet.inside(player.play(name.replace(" ", "-").replace(",", ""), tasks, more))
        return Contestant(f"Ansible, {name}", argv, tasks_done, len(tasks) * self.hosts, rounds)


def _counted(said: str) -> int:
    found = re.search(r"(\d+) answers", said)
    return int(found[1]) if found else 0
