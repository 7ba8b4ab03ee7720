"""The peers live in a virtual environment of their own: nothing of them is ever installed beside msp-ops."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = Path(__file__).with_name("peers.txt")


def peers_bin() -> Path:
    """The folder of their programs; made at the first use, under the user's cache, anew when a version changes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "msp-ops" / f"peers-{hashlib.sha256(VERSIONS.read_bytes()).hexdigest()[:12]}"
    if not (home / "whole").exists():
        _install(home)
    return home / "bin"


def _install(home: Path) -> None:
    print(f"installing the peers into {home}")
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    words = ["install", "--quiet", "--no-deps", "--disable-pip-version-check", "--requirement", str(VERSIONS)]
    subprocess.run([str(home / "bin" / "python"), "-m", "pip", *words], check=True)
    (home / "whole").touch()


if __name__ == "__main__":
    print(peers_bin())
