"""A lab that ends with its tests: those that are killed tidy nothing up, so somebody else waits for their end."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msp_ops.lab.hosts import SAMPLE, LabHost
from msp_ops.lab.lab import Lab

ROOT = Path(__file__).parents[2]
WAITS = """\
import sys
sys.stdin.read()  # ends when nobody can write to it any more
from pathlib import Path
from msp_ops.lab.lab import Lab
Lab.at(Path(sys.argv[1])).down()
"""


@contextmanager
def lasting_lab(folder: Path, hosts: Sequence[LabHost] = SAMPLE) -> Iterator[Lab]:
    """Up, and down at the end of this block or of this process, whatever ends it."""
    argv = [sys.executable, "-c", WAITS, str(folder)]
    heir = subprocess.Popen(argv, stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True)
    lab = Lab.at(folder)
    try:
        lab.up(hosts)
        yield lab
    finally:
        heir.communicate(timeout=60)
        assert heir.returncode == 0, "the lab did not go down"
