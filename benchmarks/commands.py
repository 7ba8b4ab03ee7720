"""What single commands cost: the wait that a technician feels."""

import socket
import subprocess
import sys
from pathlib import Path

from benchmarks.contest import Arena
from benchmarks.fleet import Fleet
from benchmarks.measure import Goal, count, cpu_so_far, spread
from benchmarks.workspaces import Place, write_client

COMMANDS = (["--help"], ["hosts", "list"], ["runs", "list"])
HOSTS = 50


def time_commands(folder: Path, fleet: Fleet, rounds: int) -> list[Goal]:
    workspace = Arena(folder / "commands", fleet, HOSTS).workspace
    print(f"\none command, {HOSTS} hosts in the files, {rounds} rounds, CPU ms: median (lowest..highest)")
    argv = [sys.executable, "-m", "msp_ops", "-w", str(workspace)]
    for words in (*COMMANDS, ["run", "audit-health", "fleet/h001"]):
        costs = [count(fleet.inside([*argv, *words]), folder / "said") for _ in range(rounds)]
        _tell(f"msp-ops {' '.join(words)}", [cost.cpu for cost in costs])
    first = [_until_first_byte(workspace, fleet) for _ in range(rounds)]
    _tell("… until its first byte to the host", first)
    return [Goal("(c) CPU until the first byte to one host", spread(first).median, 0.5, "s")]


def _tell(what: str, seconds: list[float]) -> None:
    print(f"{what:44}{spread(seconds).shown(1000, 0):>20}", flush=True)


def _until_first_byte(workspace: Path, fleet: Fleet) -> float:
    """CPU in seconds, to a hundredth, when a host that only listens hears something; then the host hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        write_client(workspace, "silent", [Place("127.0.0.1", listener.getsockname()[1])], fleet.pin)
        argv = [sys.executable, "-m", "msp_ops", "-w", str(workspace), "run", "audit-health", "silent/all"]
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            heard, _ = listener.accept()
            with heard:
                heard.settimeout(60)
                heard.recv(1)
                return cpu_so_far(process.pid)
