"""What a program costs with everything that it starts, also what left its parent behind (Ansible's SSH masters do).

    python -m benchmarks.tree OUTPUT WORD...

Orphans come to this process instead of to init (prctl, PR_SET_CHILD_SUBREAPER), so the kernel adds up their CPU here
when they end; no control group is needed. Memory is the largest sum of Pss seen: pages that several processes share
count once.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

SUBREAPER = 36  # linux/prctl.h
BETWEEN_LOOKS = 0.05  # seconds


class Peak:
    """The largest memory of this process's descendants, looked at all the time in a thread of its own."""

    def __init__(self) -> None:
        self.mib = 0.0
        self._ended = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> float:
        self._ended.set()
        self._thread.join()
        return self.mib

    def _look(self) -> None:
        pause = BETWEEN_LOOKS
        while not self._ended.wait(pause):
            began = time.monotonic()
            self.mib = max(self.mib, sum(map(_pss, descendants(os.getpid()))) / 1024)
            pause = max(BETWEEN_LOOKS, 10 * (time.monotonic() - began))  # a large tree must not be slowed down by it


def descendants(process_id: int) -> Iterator[int]:
    with suppress(OSError):
        for children in Path(f"/proc/{process_id}/task").glob("*/children"):
            for child in map(int, children.read_text(encoding="ascii").split()):
                yield child
                yield from descendants(child)


def _pss(process_id: int) -> int:
    """KiB; 0 of a process that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process_id}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def main(output: str, *argv: str) -> None:
    """Prints one line of JSON: cpu and wall in seconds, peak_mib, exit."""
    if ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0):
        sys.exit("this kernel does not hand orphans over: Linux 3.4 or newer is needed")
    began = time.monotonic()
    peak = Peak()
    with Path(output).open("wb") as said:
        program = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        exit_code = program.wait()
    wall = time.monotonic() - began
    mib = peak.end()
    _end_the_rest()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak_mib": mib, "exit": exit_code}))


def _end_the_rest() -> None:
    """Whatever still runs has nothing to do any more; its CPU counts when it is gone."""
    for process_id in list(descendants(os.getpid())):
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGTERM)
    with suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
