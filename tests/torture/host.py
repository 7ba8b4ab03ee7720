"""A host of its own on this machine: a real sshd that has `/run` and `/var/lib` to itself.

msp-ops keeps on a host which run is changing it. With only one machine for all tests, hosts would take each other for
one; so as root each sshd gets a mount namespace. Another user has one host, the machine itself.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.transports.sshd import UNTIL_WE_DIE, Sshd, sshd

ALONE = 'mount -t tmpfs tmpfs /run && mkdir /run/sshd && mount -t tmpfs tmpfs /var/lib && exec "$@"'
MOST = 1 if os.geteuid() else 2  # hosts at a time


@contextmanager
def host_alone(folder: Path) -> Iterator[Sshd]:
    """Its scripts know as TRACES where they may write, `traces` in this folder. Skips where it would not be alone."""
    (folder / "traces").mkdir(parents=True)
    with sshd(folder) as server:
        server.stop()
        with (folder / "config").open("a") as config:
            config.write(f"SetEnv TRACES={folder}/traces\n")
        program = shutil.which("sshd", path="/usr/sbin:/usr/bin") or "sshd"
        log = folder / "log"  # a pipe that nobody reads would stop it after some hundred logins
        argv = [*UNTIL_WE_DIE, *_own_namespace(), program, "-D", "-E", str(log), "-f", str(folder / "config")]
        alone = subprocess.Popen(argv)
        try:
            _wait_for(log, "Server listening")
            yield server
        finally:
            alone.terminate()
            alone.wait(10)


def _wait_for(log: Path, words: str) -> None:
    deadline = time.monotonic() + 20
    while not log.exists() or words not in log.read_text():
        assert time.monotonic() < deadline, "sshd did not begin to listen"
        time.sleep(0.02)


def _own_namespace() -> list[str]:
    if os.geteuid():
        return []
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace can be made here: this host would share its locks with others")
    return ["unshare", "--mount", "sh", "-c", ALONE, "sh"]
