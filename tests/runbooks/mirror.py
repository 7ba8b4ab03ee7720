"""Programs that the practice hosts do not have: fetched by the machine's own apt, installed without a network."""

import base64
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.runbooks.practice import Practice


@cache
def fetched(*names: str) -> tuple[tuple[str, bytes], ...]:
    """File names and contents of these packages; a machine that cannot fetch them skips the test."""
    with TemporaryDirectory(prefix="msp-ops-debs-") as path:
        folder = Path(path)
        folder.chmod(0o755)
        done = subprocess.run(
            ["apt-get", "-q", "download", *names], cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode:
            pytest.skip(f"{' '.join(names)} cannot be fetched here: {done.stderr.strip()[-300:]}")
        return tuple((file.name, file.read_bytes()) for file in sorted(folder.iterdir()))


def install(host: Practice, *names: str) -> None:
    """All of them together; what else they need is on the host."""
    host.root("rm -rf /root/debs; mkdir /root/debs")
    for name, content in fetched(*names):
        argv = ["sh", "-c", 'base64 -d >"$1"', "sh", f"/root/debs/{name}"]
        assert host.lab.inside(host.name, argv, base64.b64encode(content).decode()).returncode == 0
    host.root("DEBIAN_FRONTEND=noninteractive dpkg -i /root/debs/*.deb 1>&2")
