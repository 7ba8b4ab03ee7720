"""How long it takes to verify a large ledger."""

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Goal, count, spread

WANTED = 5  # seconds for 100,000 entries


def time_ledger(folder: Path, rounds: int) -> Sequence[Goal]:
    """Every hash, column, sum and seal; the interpreter's start is included."""
    said, store = folder / "said", str(folder / "store.db")
    argv = [sys.executable, "-m", "benchmarks.verify_ledger"]
    filled = count([*argv, "fill", store], said)
    costs = [count([*argv, "verify", store], said) for _ in range(rounds)]
    entries = said.read_text(encoding="utf-8").strip()
    cpu = spread([cost.cpu for cost in costs])
    print(f"\n(h) a ledger of {entries} entries verified, {rounds} rounds; closed in {filled.cpu:.1f} s of CPU")
    print(f"CPU s  {cpu.shown()}")
    print(f"wall s {spread([cost.wall for cost in costs]).shown()}")
    print(f"MiB    {spread([cost.peak_mib for cost in costs]).shown(digits=0)}", flush=True)
    return [Goal(f"(h) CPU to verify {entries} entries", cpu.median, WANTED, "s")]
