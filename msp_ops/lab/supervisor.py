"""The one process of a lab that is up: it mounts the layers, boots and reboots the hosts and serves the archive.

It lives in its own mount namespace, so its mounts end with it, and in the lab's cgroup, so `down` ends it too. A host
that ends with code 133 asked for a reboot; with any other code it is off until there is an order for it.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from msp_ops.lab import cgroups, orders
from msp_ops.lab import state as states
from msp_ops.lab.cgroups import MOVE_IN
from msp_ops.lab.commands import in_network, run
from msp_ops.lab.folder import Folder
from msp_ops.lab.hosts import GATEWAY
from msp_ops.lab.machine import Machine
from msp_ops.lab.repository import PORT

_NSPAWN = {
    "UNIFIED_CGROUP_HIERARCHY": "1",  # its name up to systemd 252
    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
    "SYSTEMD_NSPAWN_LOCK": "0",  # its lock files in /run would stay behind; the lab's own state keeps others off
}
REBOOT = 133  # what systemd-nspawn ends with when the host asked for it
_LOOK = 0.05


def start(folder: Folder, state: states.State, keep_open: int) -> None:
    """Start the supervisor apart from this process; `keep_open` is the descriptor that says the cache is in use."""
    cgroup = Path(state.cgroup) / "supervisor"
    cgroup.mkdir(parents=True)
    package = str(Path(__file__).parents[2])
    alone = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", __name__, str(folder.path)]
    with (folder.run / "supervisor.log").open("ab") as log:
        subprocess.run(
            ["setsid", "--fork", "sh", "-c", MOVE_IN, str(cgroup), *alone],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**os.environ, "PYTHONPATH": package},
            pass_fds=(keep_open,),
            check=True,
        )


def supervise(folder: Folder) -> None:
    """Until the lab's cgroup is killed."""
    state = states.read(folder)
    for host in state.hosts:
        machine = Machine(folder=folder, state=state, host=host)
        threading.Thread(target=keep, args=(machine,), name=host.name).start()
    serve = [sys.executable, "-m", "http.server", "--bind", str(GATEWAY), "--directory", state.repository, str(PORT)]
    with (folder.run / "archive.log").open("ab") as log:
        subprocess.run(in_network(state.controller, *serve), stdout=log, stderr=log, check=True)


def keep(machine: Machine) -> None:
    """One host, boot after boot."""
    mount(machine)
    while True:
        process = boot(machine)
        if until_next(machine, process) == orders.RESET:
            unmount(machine)
            mount(machine)
        orders.done(machine)


def until_next(machine: Machine, process: "subprocess.Popen[bytes]") -> str:
    """Wait while it runs, and while it is off; say why it is to be booted next."""
    while process.poll() is None:
        match orders.read(machine):
            case orders.RESET:
                cgroups.end(machine.cgroup)
                process.wait()
                return orders.RESET
            case orders.BOOT:
                orders.done(machine)
            case _:
                pass
        time.sleep(_LOOK)
    ended = time.monotonic()
    while True:
        if order := orders.read(machine):
            return order
        if process.returncode == REBOOT and time.monotonic() >= ended + orders.reboot_delay(machine):
            return orders.BOOT
        time.sleep(_LOOK)


def mount(machine: Machine) -> None:
    """A root of its own: the shared layers below an empty one of limited size in memory."""
    top, name = machine.files / "top", machine.id
    layers = [str(machine.files / "seed"), *machine.state.layers]
    run("mount", "-t", "tmpfs", "-o", f"size={machine.state.size_mb}m,mode=755", name, top)
    for part in ("upper", "work"):
        (top / part).mkdir(mode=0o755)
    options = f"lowerdir={':'.join(layers)},upperdir={top}/upper,workdir={top}/work"
    run("mount", "-t", "overlay", "-o", options, name, machine.files / "root")


def unmount(machine: Machine) -> None:
    run("umount", "--recursive", machine.files / "root")
    run("umount", machine.files / "top")


def boot(machine: Machine) -> "subprocess.Popen[bytes]":
    """Start the host; its time namespace starts at one second, so every detector sees a new boot."""
    back = int(float(Path("/proc/uptime").read_text().split()[0])) - 1
    machine.cgroup.mkdir(exist_ok=True)
    with (machine.files / "boots").open("a") as boots, (machine.files / "console.log").open("ab") as log:
        boots.write(f"{time.monotonic():.1f}\n")
        return subprocess.Popen(
            [
                *("sh", "-c", MOVE_IN, str(machine.cgroup)),
                *("unshare", "--time", f"--boottime=-{back}", f"--monotonic=-{back}"),
                *("systemd-nspawn", "--quiet", "--boot", "--keep-unit", "--register=no", "--link-journal=no"),
                *("--resolv-conf=off", "--timezone=off", "--console=pipe"),
                *(
                    f"--machine={machine.id}",
                    f"--hostname={machine.host.name}",
                    f"--directory={machine.files / 'root'}",
                ),
                f"--network-namespace-path=/run/netns/{machine.state.network(machine.host)}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **_NSPAWN},
        )


if __name__ == "__main__":
    supervise(Folder(path=Path(sys.argv[1])))
