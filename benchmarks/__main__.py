"""`make bench`: how fast msp-ops is, beside its peers in the same minutes. See docs/benchmarks.md.

Needs root: the hosts live in a network namespace of their own. Everything is gone at the end but the peers' programs.
"""

import argparse
import compileall
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msp_ops
from benchmarks.commands import time_commands
from benchmarks.fan_out import time_fleet
from benchmarks.fleet import Fleet, fleet
from benchmarks.inventory import time_inventory
from benchmarks.ledger import time_ledger
from benchmarks.measure import Goal
from benchmarks.recovery import time_recovery
from benchmarks.scheduler import time_scheduler
from benchmarks.waiting import time_waiting
from benchmarks.windows import time_windows

SIZES = (50, 200, 1000)
Part = Callable[[Path, Fleet, argparse.Namespace], Sequence[Goal] | None]
PARTS: dict[str, Part] = {
    "commands": lambda folder, hosts, asked: time_commands(folder, hosts, asked.rounds),
    "inventory": lambda folder, hosts, asked: time_inventory(folder, hosts, asked.rounds),
    "scheduler": lambda folder, hosts, asked: time_scheduler(folder, hosts, asked.rounds),
    "fleet": lambda folder, hosts, asked: time_fleet(folder, hosts, _sizes(asked), asked.rounds, whole=asked.whole),
    "recovery": lambda folder, hosts, asked: time_recovery(folder, hosts, max(_sizes(asked))),
    "ledger": lambda folder, _hosts, asked: time_ledger(folder, asked.rounds),
    "windows": lambda _folder, _hosts, asked: time_windows(asked.rounds),
    "waiting": lambda folder, hosts, asked: time_waiting(folder, hosts, max(_sizes(asked)), _seconds(asked)),
}
CHANGING = ("recovery", "waiting")


def main() -> None:
    asked = _asked()
    if os.geteuid():
        sys.exit("the benchmark needs root: it makes a network namespace for its hosts")
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores; {_load()}")
    compileall.compile_dir(Path(msp_ops.__file__).parent, quiet=1)  # as every installation has it
    goals: list[Goal] = []
    for part in asked.only or PARTS:
        with (
            tempfile.TemporaryDirectory(prefix="msp-ops-bench-") as name,
            fleet(Path(name), apart=part in CHANGING) as hosts,
        ):
            goals += PARTS[part](Path(name), hosts, asked) or ()
    print(f"\n{'goal':64}{'measured':>10} {'wanted':>10} {'':9}{'ratio':>7}")
    for goal in goals:
        print(goal.shown())
    print(f"\nat the end {_load()}")


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast, beside the peers.")
    asked.add_argument("--only", action="append", choices=PARTS, help="one part; may be repeated")
    asked.add_argument("--hosts", type=int, action="append", help=f"how many; may be repeated (else {SIZES})")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--whole", action="store_true", help="also what takes half an hour, and ten minutes of waiting")
    return asked.parse_args()


def _sizes(asked: argparse.Namespace) -> Sequence[int]:
    return sorted(asked.hosts or SIZES)


def _seconds(asked: argparse.Namespace) -> float:
    return 600 if asked.whole else 60


def _load() -> str:
    return "load of the machine {:.1f}, {:.1f}, {:.1f} (1, 5, 15 minutes)".format(*os.getloadavg())


if __name__ == "__main__":
    main()
