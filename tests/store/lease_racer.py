"""Takes and frees a host as fast as it can; a witness file on the `host` tells when two are there at once.

Run as `python -m tests.store.lease_racer URL FOLDER NAME RIVAL`: it goes on until both were there and were refused ten
times, or a minute has passed, and prints both numbers; it fails on an overlap.
"""

import os
import sys
import time
from itertools import count
from pathlib import Path

from msp_ops.domain.errors import HostBusy
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from tests.store.cast import KIM, TICKET, parcel, plan, result

ENOUGH = 10


class Racer:
    """One of two."""

    def __init__(self, folder: Path, name: str, rival: str) -> None:
        self.folder = folder
        self.name = name
        self.rival = rival
        self.there = 0
        self.refused = 0

    def race(self, store: Store) -> None:
        deadline = time.monotonic() + 60
        for number in count():
            self.attempt(store, f"{self.name}-{number}")
            if min(self.there, self.refused) >= ENOUGH:
                (self.folder / f"{self.name}.enough").touch()
            if (self.folder / f"{self.rival}.enough").exists() and (self.folder / f"{self.name}.enough").exists():
                return
            if time.monotonic() > deadline:
                return

    def attempt(self, store: Store, run_id: str) -> None:
        store.journal.open_run(run_id, plan("web1"), TICKET, KIM)
        try:
            lease = store.journal.take_host(run_id, "web1")
        except HostBusy:
            self.refused += 1
            return
        os.close(os.open(self.folder / "web1", os.O_CREAT | os.O_EXCL))
        store.journal.intend(run_id, "web1", parcel(f"{run_id}.restart"), lease)
        time.sleep(0.02)  # the change takes a moment, in which the rival comes by
        (self.folder / "web1").unlink()
        store.journal.record(run_id, result("web1"))
        self.there += 1


if __name__ == "__main__":
    racer = Racer(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    with open_store(sys.argv[1], SystemClock()) as store:
        racer.race(store)
    sys.stdout.write(f"{racer.there} {racer.refused}")
