"""A process died and left many runs open: how long until the truth about all of them is known."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.contest import Arena
from benchmarks.fleet import Fleet
from benchmarks.held import Gate
from benchmarks.measure import Goal, count, cpu_of_machine
from msp_ops.wiring import open_workspace, read_settings

LEFT_WITHIN = 1200  # seconds
ENDED_WITHIN = 120
NOTED_WITHIN = 2  # by a host's supervisor, after its step has ended


def time_recovery(folder: Path, fleet: Fleet, hosts: int) -> list[Goal]:
    """One run a host; half of them were at work, and their hosts must be asked how they ended."""
    arena = Arena(folder / "recovery", fleet, hosts)
    with Gate(folder) as gate:
        gate.write_runbook(arena.workspace)
        told = _left_open(arena, fleet)
        gate.open()
        gate.wait_until_ended(int(told.split()[0]), ENDED_WITHIN)
    time.sleep(NOTED_WITHIN)
    words = ["-w", str(arena.workspace), "recover"]
    before = cpu_of_machine()
    cost = count(fleet.inside([sys.executable, "-m", "msp_ops", *words]), folder / "said")
    print(f"\n(d) msp-ops recover, {hosts} open runs of a dead process: {told}")
    others = cpu_of_machine() - before - cost.cpu
    print(f"the hosts themselves, on the same {os.cpu_count()} cores: CPU {others:.1f} s")
    print(f"wall {cost.wall:.1f} s, CPU {cost.cpu:.1f} s, {cost.peak_mib:.0f} MiB, {_still_open(arena)} still open")
    return [Goal(f"(d) recovery of {hosts} open runs, wall", cost.wall, 10, "s")]


def _left_open(arena: Arena, fleet: Fleet) -> str:
    """What the process that died said of them."""
    argv = fleet.inside([sys.executable, "-m", "benchmarks.leave_open", str(arena.workspace)])
    left = subprocess.run(argv, stdout=subprocess.PIPE, timeout=LEFT_WITHIN, check=False)
    told = left.stdout.decode().strip()
    if left.returncode != -signal.SIGKILL:
        raise SystemExit(f"the runs could not be left open: {left.returncode} {told}")
    return told


def _still_open(arena: Arena) -> int:
    with open_workspace(read_settings(arena.workspace)) as parts:
        return len(parts.store.runs.list(open_only=True, limit=None))
