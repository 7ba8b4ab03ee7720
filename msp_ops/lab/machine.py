"""The running side of a practice host: where its processes are, how to get in, how to stop it."""

import contextlib
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.commands import in_network
from msp_ops.lab.errors import LabError
from msp_ops.lab.folder import Folder
from msp_ops.lab.hosts import LabHost
from msp_ops.lab.state import State
from msp_ops.lab.waiting import wait_for

_ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG=C.UTF-8",
    "HOME=/root",
    "TERM=linux",
)
_NAMESPACES = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--time", "--root", "--wdns=/")


@record
class Machine:
    """One host of a lab that is up."""

    folder: Folder
    state: State
    host: LabHost

    @property
    def cgroup(self) -> Path:
        return self.state.host_cgroup(self.host)

    @property
    def files(self) -> Path:
        return self.folder.host(self.host.name)

    @property
    def id(self) -> str:
        """Its name on the machine: unlike the host's, no two labs share it."""
        return f"{self.state.controller}-{self.host.name}"

    def leader(self) -> int | None:
        """The machine's process id of the host's PID 1; None while it is off."""
        with contextlib.suppress(OSError):
            for pid in (self.cgroup / "payload/init.scope/cgroup.procs").read_text().split():
                if re.search(r"^NSpid:.*\t1$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE):
                    return int(pid)
        return None

    def inside_argv(self, argv: Sequence[str]) -> list[str]:
        """The command as root inside the host, around its network and login; raises LabError while it is off."""
        pid = self.leader()
        if pid is None:
            raise LabError(
                f"{self.host.name} is not running; 'msp-ops lab fault {self.host.name} clear' switches it on"
            )
        return ["nsenter", f"--target={pid}", *_NAMESPACES, "env", "-i", *_ENVIRONMENT, *argv]

    def inside(self, argv: Sequence[str], text: str = "", limit: float = 120) -> subprocess.CompletedProcess[str]:
        """Run it there; raises LabError when the host is off or the command takes more than `limit` seconds."""
        try:
            return subprocess.run(
                self.inside_argv(argv),
                input=text,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise LabError(f"{self.host.name}: {' '.join(argv)[:200]} took longer than {limit:g} s") from late

    def in_its_network(self, *argv: str) -> list[str]:
        return in_network(self.state.network(self.host), *argv)

    def freeze(self, frozen: bool) -> None:
        """Stop or continue every process; raises OSError while the host has no cgroup."""
        (self.cgroup / "cgroup.freeze").write_text(str(int(frozen)))
        wait_for(
            lambda: f"frozen {int(frozen)}" in (self.cgroup / "cgroup.events").read_text(), "freezing " + self.host.name
        )

    def is_booted(self) -> bool:
        """Whether its systemd is done starting, with or without failed units."""
        with contextlib.suppress(LabError):
            return self.inside(["systemctl", "is-system-running"]).stdout.strip() in {"running", "degraded"}
        return False

    def boots(self) -> int:
        """How often it was started since `up`."""
        log = self.files / "boots"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def await_banner(self, limit: int = 60) -> None:
        """Until its sshd answers in the controller namespace; raises LabError with the end of its console."""
        ask = f"exec 3<>/dev/tcp/{self.host.address}/22 && read -t 5 line <&3 && [[ $line == SSH-* ]]"
        tries = f"for i in {{1..{limit * 20}}}; do ( {ask} ) 2>/dev/null && exit 0; sleep 0.05; done; exit 1"
        probe = in_network(self.state.controller, "timeout", str(limit), "bash", "-c", tries)
        if subprocess.run(probe, check=False, stdin=subprocess.DEVNULL).returncode:
            log = self.files / "console.log"
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else "(it never started)"
            raise LabError(f"{self.host.name} did not answer on port 22 within {limit} s. Its console ends:\n{tail}")


def is_supervised(state: State) -> bool:
    """Whether the process that (re)boots the hosts is alive."""
    procs = Path(state.cgroup) / "supervisor/cgroup.procs"
    return procs.exists() and bool(procs.read_text().strip())


def refresh_lists(machines: Iterable[Machine]) -> None:
    """Package lists as their own daily timer leaves them on machines that have run for a while; all at once."""
    fetching = [
        subprocess.Popen(
            machine.inside_argv(["apt-get", "update", "-qq"]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for machine in machines
    ]
    for each in fetching:
        each.wait(60)
