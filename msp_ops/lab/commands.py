"""The machine's own programs, called with an argument list and a loud failure."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msp_ops.lab.errors import LabError


def run(*argv: str | Path, text: str = "", env: Mapping[str, str] | None = None, timeout: float | None = None) -> str:
    """What the program printed (both streams, stripped); raises LabError with its last lines when it failed."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **(env or {})},
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise LabError(f"{' '.join(words)[:200]} took longer than {timeout:g} s") from late
    if done.returncode:
        raise LabError(f"{' '.join(words)[:200]} ended with {done.returncode}:\n{done.stdout.strip()[-1500:]}")
    return done.stdout.strip()


def in_network(namespace: str, *argv: str) -> list[str]:
    """The command, moved into a network namespace and nothing else (`ip netns exec` would also hide the cgroups)."""
    return ["nsenter", f"--net=/run/netns/{namespace}", "--", *argv]
