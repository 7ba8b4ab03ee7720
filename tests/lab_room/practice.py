"""How the tests look at a practice host: through its network as a product would, or as root around it."""

import subprocess
from collections.abc import Callable
from subprocess import DEVNULL, PIPE

from msp_ops.domain.record import record
from msp_ops.lab.hosts import LOGIN
from msp_ops.lab.lab import Lab


@record
class Practice:
    """One host of a lab that is up."""

    lab: Lab
    name: str

    @property
    def address(self) -> str:
        return next(host.address for host in self.lab.hosts() if host.name == self.name)

    @property
    def is_running(self) -> bool:
        return next(host.running for host in self.lab.status() if host.name == self.name)

    @property
    def faults(self) -> tuple[str, ...]:
        return next(host.faults for host in self.lab.status() if host.name == self.name)

    def ssh(self, command: str) -> "subprocess.CompletedProcess[str]":
        """By the login key, with the host key strictly pinned; gives up after two seconds without a connection."""
        argv = self._ssh_argv(command)
        return subprocess.run(
            argv, capture_output=True, text=True, errors="replace", stdin=DEVNULL, timeout=60, check=False
        )

    def start(self, command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(self._ssh_argv(command), stdout=PIPE, stderr=DEVNULL, stdin=DEVNULL, text=True)

    def _ssh_argv(self, command: str) -> list[str]:
        options = ("BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=2", "LogLevel=ERROR")
        folder = self.lab.folder
        argv = ["ssh", "-F", "none", "-i", str(folder.login_key), "-o", f"UserKnownHostsFile={folder.known_hosts}"]
        for option in options:
            argv += ["-o", option]
        return self.lab.exec_argv([*argv, f"{LOGIN}@{self.address}", command])

    def root(self, command: str) -> "subprocess.CompletedProcess[str]":
        return self.lab.inside(self.name, ["sh", "-c", command])

    def says(self, command: str) -> str:
        """What a command that must succeed prints."""
        done = self.root(command)
        assert done.returncode == 0, done
        return done.stdout.strip()


Look = Callable[[Practice], bool]


def ssh_says(words: str) -> Look:
    """Login fails with these words."""

    def look(host: Practice) -> bool:
        done = host.ssh("true")
        return done.returncode == 255 and words in done.stderr

    return look


def fails(command: str, code: int = 1, words: str = "") -> Look:
    """As root the command ends with this code and these words."""

    def look(host: Practice) -> bool:
        done = host.root(command)
        return done.returncode == code and words in done.stdout + done.stderr

    return look


def holds(command: str) -> Look:
    """As root the command succeeds."""

    def look(host: Practice) -> bool:
        return host.root(command).returncode == 0

    return look
