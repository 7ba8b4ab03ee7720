"""What single commands cost: the wait that a technician feels."""

import socket
import subprocess
import sys
from pathlib import Path

from benchmarks.fan_out import audit
from benchmarks.fleet import Fleet
from benchmarks.measure import count, cpu_so_far, spread
from benchmarks.workspaces import Place, write_client

COMMANDS = (["--help"], ["hosts", "list"], ["runs", "list"])


def time_commands(folder: Path, fleet: Fleet, rounds: int) -> None:
    print(f"\none command, CPU ms of the whole process, {rounds} rounds: median (lowest..highest)")
    argv = [sys.executable, "-m", "msp_ops", "-w", str(folder / "workspace")]
    for words in COMMANDS:
        costs = [count([*argv, *words], folder / "said") for _ in range(rounds)]
        _tell(f"msp-ops {' '.join(words)}", [cost.cpu for cost in costs])
    _tell("msp-ops run audit-health, one host", [audit(folder, fleet, "fleet/h001").cpu for _ in range(rounds)])
    _tell("… until its first byte to the host", [_until_first_byte(folder, fleet) for _ in range(rounds)])


def _tell(what: str, seconds: list[float]) -> None:
    print(f"{what:38}{spread(seconds).shown(1000, 0):>20}")


def _until_first_byte(folder: Path, fleet: Fleet) -> float:
    """CPU in seconds, to a hundredth, when a host that only listens hears something; then the host hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        write_client(folder / "workspace", "silent", [Place("127.0.0.1", listener.getsockname()[1])], fleet.pin)
        words = ["-w", str(folder / "workspace"), "run", "audit-health", "silent/all"]
        argv = [sys.executable, "-m", "msp_ops", *words]
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            heard, _ = listener.accept()
            with heard:
                heard.settimeout(60)
                heard.recv(1)
                return cpu_so_far(process.pid)
