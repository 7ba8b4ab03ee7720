"""A host's own side alone: the programs of `onhost/` with a /run, a disk and a boot id that are nobody else's.

A mount namespace instead of a machine: a restart, a full disk or a tool that is missing take milliseconds here.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from msp_ops.transports.base import Answer, Collected
from msp_ops.transports.onhost import SUPERVISOR, payload
from msp_ops.transports.onhost.standing import read_standing

RUN, DISK = "/run/msp-ops", "/var/lib/msp-ops"
TOOLS = "/usr/local/sbin"  # where the supervisor looks first
BOOT_ID = "/proc/sys/kernel/random/boot_id"


@dataclass
class Room:
    """One host; `inside` is the process that keeps its mounts."""

    inside: int
    boot_id: Path
    boots: int = 0
    parcels: set[str] = field(default_factory=set)

    def argv(self, script: str) -> list[str]:
        return [
            "nsenter",
            "-m",
            "-t",
            str(self.inside),
            "env",
            f"PATH={TOOLS}:{os.environ['PATH']}",
            "sh",
            "-c",
            script,
        ]

    def sh(self, script: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(self.argv(script), stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)

    def deliver(self, parcel: str, script: str) -> None:
        self.parcels.add(parcel)
        digest = sha256(script.encode()).hexdigest()
        self._told(payload("deliver", id=parcel, script=script, supervisor=SUPERVISOR, sum=digest))

    def commit_argv(self, parcel: str, token: int = 1, seconds: int = 60) -> list[str]:
        variables = {"seconds": seconds, "limit": 1000, "store": "here", "token": token}
        return self.argv(payload("commit", id=parcel, **variables).decode())

    def commit(self, parcel: str, token: int = 1, seconds: int = 60) -> None:
        subprocess.run(self.commit_argv(parcel, token, seconds), stdin=subprocess.DEVNULL, check=True, timeout=60)

    def asked(self, verb: str, parcel: str) -> Collected:
        done = self.sh(payload(verb, id=parcel).decode())
        standing = read_standing(Answer(exit_code=done.returncode, output=done.stdout))
        assert standing is not None, done
        return standing

    def collect(self, parcel: str) -> Collected:
        return self.asked("collect", parcel)

    def forget(self, parcel: str) -> None:
        self._told(payload("forget", id=parcel))

    def identity(self, parcel: str, which: str) -> int:
        """The process id in the marker's file `pid` or `began`, once it is there."""
        return int(self.when(lambda: self._words(parcel, which))[0])

    def kill_supervisor(self, parcel: str) -> None:
        os.kill(self.identity(parcel, "pid"), signal.SIGKILL)

    def kill_script(self, parcel: str) -> None:
        os.killpg(self.identity(parcel, "began"), signal.SIGKILL)

    def restart(self) -> None:
        """What a host's restart leaves: no process, an empty /run, another boot id."""
        self.end_all()
        self.boots += 1
        self.boot_id.write_text(f"boot-{self.boots}\n")
        self.sh(f"umount {RUN}; mount -t tmpfs none {RUN}")

    def end_all(self) -> None:
        """Every process that is still at work here."""
        for parcel in self.parcels:
            for which, end in (("pid", os.kill), ("began", os.killpg)):
                words = self._words(parcel, which)
                if words and words[0].isdigit():
                    with suppress(ProcessLookupError):
                        end(int(words[0]), signal.SIGKILL)

    def when(self, found, seconds=15):
        """The first true answer of `found`."""
        deadline = time.monotonic() + seconds
        while not (answer := found()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)
        return answer

    def _words(self, parcel: str, which: str) -> list[bytes]:
        return self.sh(f"cat {RUN}/{parcel}/{which}").stdout.split()

    def _told(self, script: bytes) -> None:
        done = self.sh(script.decode())
        assert done.returncode == 0, done


@contextmanager
def room(folder: Path, disk: str = "-o size=1m") -> Iterator[Room]:
    boot_id = folder / "boot_id"
    boot_id.write_text("boot-0\n")
    for path in (RUN, DISK):
        Path(path).mkdir(mode=0o700, exist_ok=True)
    sleep = shutil.which("sleep")
    assert sleep
    keeper = subprocess.Popen(["unshare", "-m", "--propagation", "private", sleep, "600"])
    made = Room(keeper.pid, boot_id)
    made.when(lambda: Path(f"/proc/{keeper.pid}/comm").read_text() == "sleep\n")
    mounts = f"mount -t tmpfs none {RUN}; mount -t tmpfs {disk} none {DISK}; mount --bind {boot_id} {BOOT_ID}"
    assert made.sh(f"{mounts}; mount -t tmpfs none {TOOLS}").returncode == 0
    try:
        yield made
    finally:
        made.end_all()
        keeper.kill()
        keeper.wait(5)
