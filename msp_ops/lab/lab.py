"""Practice hosts from Python: what the command line and the tests use.

    lab = Lab.at(Path("/var/tmp/lab"))
    lab.up(SAMPLE)
    lab.inside("acme-web1", ["systemctl", "is-system-running"]).stdout
    lab.fault("acme-web1", "disk-full")
    lab.reset("acme-web1")
    lab.down()

Everything works inside the controller namespace (`enter_argv`) as well as outside.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from msp_ops.domain.record import record
from msp_ops.lab import cgroups, faults, orders, supervisor, system
from msp_ops.lab import state as states
from msp_ops.lab.base import this_release
from msp_ops.lab.cache import Cache
from msp_ops.lab.commands import in_network
from msp_ops.lab.errors import LabError
from msp_ops.lab.folder import Folder, caches
from msp_ops.lab.fresh import make_fresh
from msp_ops.lab.hosts import SAMPLE, LabHost, named
from msp_ops.lab.machine import Machine, is_supervised, refresh_lists
from msp_ops.lab.network import make_network, remove_network
from msp_ops.lab.plan import plan
from msp_ops.lab.roots import make_roots
from msp_ops.lab.seed import host_key, make_keys, make_seed

NSPAWN_LEFTOVERS = Path("/run/systemd/nspawn/propagate")


def default_folder() -> Path:
    """MSP_OPS_LAB, or this user's cache."""
    return Path(os.environ.get("MSP_OPS_LAB") or caches() / "lab").absolute()


def default_cache() -> Path:
    """MSP_OPS_LAB_CACHE, or this user's cache: shared by all labs."""
    return Path(os.environ.get("MSP_OPS_LAB_CACHE") or caches() / "lab-roots").absolute()


@record
class HostStatus:
    """How one practice host is."""

    name: str
    address: str
    running: bool
    boots: int
    faults: tuple[str, ...]


@record
class Lab:
    """The lab of one folder; labs of different folders do not see each other."""

    folder: Folder
    cache: Cache
    say: Callable[[str], None]

    @classmethod
    def at(cls, path: Path, *, cache: Path | None = None, say: Callable[[str], None] = lambda _: None) -> Self:
        """A lab that is up or not; `say` takes the lines of progress."""
        shared = Cache(folder=Folder(path=cache or default_cache()), say=say)
        return cls(folder=Folder(path=path), cache=shared, say=say)

    @classmethod
    def attach(cls, path: Path) -> Self:
        """A lab that is up; raises LabError when it is not."""
        lab = cls.at(path)
        states.read(lab.folder)
        return lab

    def plan(self, hosts: Sequence[LabHost] = SAMPLE) -> list[str]:
        """What `up` would make, in words; raises LabError when it is up, or this machine cannot run practice hosts."""
        self._check(hosts)
        return plan(self.folder, self.cache, this_release(), hosts)

    def up(self, hosts: Sequence[LabHost] = SAMPLE, *, size_mb: int = 256) -> None:
        """Start the hosts and wait until each answers; raises LabError, and then nothing is left running."""
        self._check(hosts)
        self.folder.claim()
        roots = make_roots(self.cache)
        lab = states.new_id()
        state = states.State(
            lab=lab,
            hosts=tuple(hosts),
            layers=(str(self.folder.run / "fresh"), str(roots.gold), str(roots.base)),
            repository=str(roots.repository),
            cgroup=str(cgroups.unified() / f"msplab-{lab}"),
            size_mb=size_mb,
        )
        states.write(self.folder, state)
        with contextlib.ExitStack() as undo:
            undo.callback(self.down)
            undo.callback(os.close, roots.in_use)
            self._start(state, roots.in_use)
            undo.pop_all()
        os.close(roots.in_use)

    def _check(self, hosts: Sequence[LabHost]) -> None:
        if self.is_up():
            raise LabError(f"the lab in {self.folder.path} is already up; 'msp-ops lab down' first")
        system.check(len(hosts))

    def _start(self, state: states.State, in_use: int) -> None:
        self.say("backups, dumps and a certificate of the right age")
        make_fresh(self.folder.run / "fresh", [Path(layer) for layer in state.layers[1:]])
        make_keys(self.folder, state.hosts)
        for host in state.hosts:
            make_seed(self.folder, host, state.hosts)
            for part in ("top", "root"):
                (self.folder.host(host.name) / part).mkdir()
        make_network(state)
        self.say(f"booting {', '.join(host.name for host in state.hosts)}")
        supervisor.start(self.folder, state, in_use)
        machines = [self._machine(host.name, state) for host in state.hosts]
        for machine in machines:
            machine.await_banner()
        refresh_lists(machines)

    def down(self, *, purge: bool = False) -> None:
        """End and remove what `up` made; with `purge` also the keys and, unless another lab stands on it, the cache."""
        system.check_user(os.geteuid())
        if self.is_up():
            state = states.read(self.folder)
            cgroups.end(Path(state.cgroup))
            cgroups.remove(Path(state.cgroup))
            remove_network(state)
            for host in state.hosts:
                shutil.rmtree(NSPAWN_LEFTOVERS / self._machine(host.name, state).id, ignore_errors=True)
            shutil.rmtree(self.folder.run)
        if purge:
            self.folder.remove()
            if self.cache.folder.is_ours and not self.cache.is_in_use():
                self.cache.folder.remove()

    def is_up(self) -> bool:
        return states.is_up(self.folder)

    def hosts(self) -> tuple[LabHost, ...]:
        """Those of the lab that is up."""
        return states.read(self.folder).hosts

    def status(self) -> list[HostStatus]:
        """Each host, as it is now."""
        state = states.read(self.folder)
        alive = is_supervised(state)
        return [self._status(self._machine(host.name, state), alive) for host in state.hosts]

    def _status(self, machine: Machine, supervised: bool) -> HostStatus:
        return HostStatus(
            name=machine.host.name,
            address=machine.host.address,
            running=supervised and machine.leader() is not None,
            boots=machine.boots(),
            faults=tuple(f"{kind} {given}".strip() for kind, given in faults.made(machine).items()),
        )

    def pins(self) -> dict[str, str]:
        """Each host's public key, as an inventory pins it."""
        return {host.name: host_key(self.folder, host) for host in self.hosts()}

    def enter_argv(self) -> list[str]:
        """Put before a command, so that it runs where the hosts' addresses answer."""
        return in_network(states.read(self.folder).controller)

    def exec_argv(self, command: Sequence[str]) -> list[str]:
        """The command, to be run where the hosts' addresses answer."""
        return [*self.enter_argv(), *command]

    def inside(self, host: str, argv: Sequence[str], text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as root inside the host, not through its network: to look at it, or to set it up."""
        return self._machine(host).inside(argv, text)

    def inside_argv(self, host: str, argv: Sequence[str]) -> list[str]:
        """What `inside` runs, for those who want a terminal in it."""
        return self._machine(host).inside_argv(argv)

    def fault(self, host: str, kind: str, argument: str | None = None) -> None:
        """Break the host on purpose; raises LabError for a kind that there is not, and when breaking it failed."""
        faults.make(self._machine(host), kind, argument)

    def clear(self, host: str, kind: str | None = None) -> None:
        """Undo one fault or all of them, switch the host on if it is off."""
        faults.clear(self._machine(host), kind)

    def reset(self, host: str) -> None:
        """Throw away everything that was changed on the host and boot it again, with the same keys."""
        machine = self._machine(host)
        faults.leave_behind(machine)
        orders.give(machine, orders.RESET)
        machine.await_banner()
        refresh_lists([machine])

    def _machine(self, name: str, state: states.State | None = None) -> Machine:
        known = state or states.read(self.folder)
        return Machine(folder=self.folder, state=known, host=named([name], known.hosts)[0])
