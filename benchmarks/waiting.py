"""Hosts in a long step: once it is committed, waiting for it should cost next to nothing."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.contest import Arena
from benchmarks.fleet import Fleet
from benchmarks.held import Gate
from benchmarks.measure import Goal, cpu_so_far

BEGIN_WITHIN = 900  # seconds
END_WITHIN = 1800
SETTLED = 10  # the last one's commit and its first answer are not waiting


def time_waiting(folder: Path, fleet: Fleet, hosts: int, seconds: float) -> list[Goal]:
    """CPU of the client while all hosts are in the step for that long, from the last one's commit on."""
    arena = Arena(folder / "waiting", fleet, hosts)
    words = ["-w", str(arena.workspace), "run", "held", "fleet/all", "--at-once", str(hosts), "--json", "--yes"]
    argv = fleet.inside([sys.executable, "-m", "msp_ops", *words])
    said = folder / "waiting-said"
    with Gate(folder) as gate, said.open("wb") as output:
        gate.write_runbook(arena.workspace)
        with subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT) as client:
            _until(said, "Intended", hosts, client, BEGIN_WITHIN)
            time.sleep(SETTLED)
            began, cpu = time.monotonic(), cpu_so_far(client.pid)
            time.sleep(seconds)
            share = (cpu_so_far(client.pid) - cpu) / (time.monotonic() - began) * 100
            ended = _events(said)["StepEnded"]
            gate.open()
            _until(said, "HostEnded", hosts, client, END_WITHIN)
    results = [told["value"]["result"] for told in _told(said) if told["event"] == "HostEnded"]
    good = sum(result["outcome"] == "succeeded" for result in results)
    print(f"\n(e) {hosts} hosts in one step for {seconds:.0f} s, {ended} ended early: {share:.2f} % of a core")
    print(f"exit code {client.returncode}, {good} of {hosts} hosts succeeded", flush=True)
    return [Goal(f"(e) {hosts} hosts waiting", share, 2, "% of core")]


def _until(said: Path, event: str, number: int, client: subprocess.Popen[bytes], seconds: float) -> None:
    give_up_at = time.monotonic() + seconds
    while (seen := _events(said))[event] < number:
        if client.poll() is not None and _events(said)[event] < number:
            text = said.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise SystemExit(f"the run ended with {client.returncode} after {dict(seen)}: {text}")
        if time.monotonic() > give_up_at:
            raise SystemExit(f"{seen[event]} of {number} hosts came to {event} within {seconds:.0f} s")
        time.sleep(0.5)


def _told(said: Path) -> Iterator[dict[str, Any]]:
    """What the run told so far, as --json prints it; other lines and a half one are left out."""
    for line in said.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith('{"event"') and line.endswith("}"):
            yield json.loads(line)


def _events(said: Path) -> Counter[str]:
    return Counter(told["event"] for told in _told(said))
