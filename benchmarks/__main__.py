"""`make bench`: how fast msp-ops is, beside bare paramiko in the same minutes. See docs/benchmarks.md.

Needs root: the hosts live in a network namespace of their own. Everything is gone at the end.
"""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.commands import time_commands
from benchmarks.fan_out import compare, prepare
from benchmarks.files import time_loading
from benchmarks.fleet import fleet


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast, beside bare paramiko.")
    asked.add_argument("--hosts", type=int, default=50)
    asked.add_argument("--pairs", type=int, default=3)
    asked.add_argument("--rounds", type=int, default=5, help="of the single commands")
    options = asked.parse_args()
    if os.geteuid():
        sys.exit("the benchmark needs root: it makes a network namespace for its hosts")
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores; {_load()}")
    with tempfile.TemporaryDirectory(prefix="msp-ops-bench-") as name, fleet(Path(name)) as hosts:
        folder = Path(name)
        prepare(folder, hosts, options.hosts)
        compare(folder, hosts, options.hosts, options.pairs)
        time_commands(folder, hosts, options.rounds)
        time_loading(folder, hosts, clients=1000, each=10)
    print(f"\nat the end {_load()}")


def _load() -> str:
    return "load of the machine {:.1f}, {:.1f}, {:.1f} (1, 5, 15 minutes)".format(*os.getloadavg())


if __name__ == "__main__":
    main()
