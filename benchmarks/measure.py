"""What a program costs, told by the kernel when it ends."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """CPU is user and system time of the process with its children, in seconds; the peak is its largest memory."""

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
        return f"{middle} ({low}..{high})"


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def count(argv: Sequence[str], output: Path) -> Cost:
    """Run it to its end, what it says into `output`. SystemExit with the end of that text when it fails."""
    began = time.monotonic()
    with output.open("wb") as said:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(argv)} ended with {process.returncode}:\n{output.read_text(errors='replace')[-3000:]}")
    return Cost(cpu=used.ru_utime + used.ru_stime, wall=wall, peak_mib=used.ru_maxrss / 1024)


def cpu_so_far(process_id: int) -> float:
    """Seconds of CPU that all threads of a living process have used; proc(5) counts in hundredths."""
    after_name = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
