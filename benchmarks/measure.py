"""What programs cost, and how far several measurements lie apart."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """CPU is user and system time of the whole process tree, in seconds; the peak is its largest memory."""

    cpu: float
    wall: float
    peak_mib: float


@dataclass(frozen=True)
class Spread:
    """The middle of several measurements, and how far they lay apart."""

    median: float
    lowest: float
    highest: float

    def shown(self, scale: float = 1, digits: int = 2) -> str:
        middle, low, high = (f"{value * scale:.{digits}f}" for value in (self.median, self.lowest, self.highest))
        return middle if low == high else f"{middle} ({low}..{high})"


@dataclass(frozen=True)
class Goal:
    """What was wanted, and what came; `at_least` when more is better."""

    what: str
    measured: float
    wanted: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.measured >= self.wanted if self.at_least else self.measured <= self.wanted

    def shown(self) -> str:
        sign = ">=" if self.at_least else "<="
        figures = f"{self.measured:10.2f} {sign}{self.wanted:8.2f} {self.unit:9}"
        return f"{self.what:64}{figures}{self.measured / self.wanted:7.2f}  {'met' if self.is_met else 'MISSED'}"


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def count(argv: Sequence[str], output: Path) -> Cost:
    """Run it to its end, what it says into `output`. SystemExit with the end of that text when it fails."""
    counted = [sys.executable, "-m", "benchmarks.tree", str(output), *argv]
    told = json.loads(subprocess.run(counted, check=True, stdout=subprocess.PIPE).stdout)
    if told["exit"]:
        sys.exit(f"{' '.join(argv)} ended with {told['exit']}:\n{output.read_text(errors='replace')[-3000:]}")
    return Cost(cpu=told["cpu"], wall=told["wall"], peak_mib=told["peak_mib"])


def cpu_so_far(process_id: int) -> float:
    """Seconds of CPU that all threads of a living process have used; proc(5) counts in hundredths."""
    after_name = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def cpu_of_machine() -> float:
    """Seconds of CPU that everything on this machine has used since it started, all cores together; proc(5)."""
    user, nice, system, _idle, _waiting, irq, softirq, *_ = Path("/proc/stat").read_text().split()[1:]
    return sum(map(int, (user, nice, system, irq, softirq))) / os.sysconf("SC_CLK_TCK")
