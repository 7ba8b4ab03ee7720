"""A shipped script in a mount namespace of its own, where programs and files that this machine lacks stand in.

For hardware that no practice host has: disks with SMART, arrays, pools. The script runs in the bytes that are shipped;
what it sees under these paths is what the test laid there, and nobody else sees it.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from msp_ops.checks.script_report import read_report
from msp_ops.engine.script import variables
from tests.runbooks.practice import LIBRARY, NOW, Told

PROGRAMS = "/usr/local/bin"  # the first folder of the scripts' own PATH that always exists
TAKEN = ("/proc", "/sys/block")


class StandIns:
    """What stands in, in `folder`; `program` and `file` add to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = folder / "programs"
        self._programs.mkdir()
        for path in TAKEN:
            (folder / path.strip("/")).mkdir(parents=True)

    def program(self, name: str, text: str) -> None:
        """POSIX sh."""
        path = self._programs / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def prints(self, name: str, output: str, code: int = 0) -> None:
        """A program that prints this, whatever it is asked."""
        (self._programs / f"{name}.output").write_text(output)
        self.program(name, f"cat {PROGRAMS}/{name}.output\nexit {code}")

    def file(self, path: str, text: str = "") -> None:
        """Below one of TAKEN."""
        assert path.startswith(TAKEN), path
        place = self._folder / path.strip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def run(
        self,
        runbook: str,
        file: str,
        parameters: Mapping[str, str] | None = None,
        *,
        shell: str = "sh",
        before: str = "",
    ) -> Told:
        """`before`: shell as root in the namespaces (network and mounts), before the script."""
        text = variables(parameters or {}) + LIBRARY[runbook].scripts[file]
        mounts = [
            (self._programs, PROGRAMS),
            (self._folder / "sys/block", "/sys/block"),
            (self._folder / "proc", "/proc"),
        ]
        steps = [before, *(f"mount --bind {here} {there}" for here, there in mounts if any(here.iterdir()))]
        inside = "\n".join(["set -e", *steps, f'exec {shell} -c "$1" 2>&1 </dev/null'])
        done = subprocess.run(
            ["unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", inside, "sh", text],
            capture_output=True,
            check=False,
            timeout=60,
        )
        output = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        report = read_report(output, check=runbook, at=NOW)
        assert not report.malformed, report.malformed
        return Told(code=done.returncode, output=output, report=report)
