"""Keeps a store busy and says what was acknowledged. Run as `python -m tests.torture.bookkeeper URL FILE RUNS MODE`.

MODE `normal` weakens every connection to synchronous=NORMAL, which the documentation of SQLite says may roll back: the
judge must see it. Each run is saved as the engine saves it; now and then the store is closed and opened again.
"""

import os
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

from msp_ops.domain.errors import StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Parcel
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from tests.store.cast import KIM, TICKET, charge, interval, plan, resolution, result, rich_result, work

HOSTS = ("web1", "db1", "file1")
RUNS_A_SITTING = 12


class Bookkeeper:
    """Does it, then says so: one line a promise."""

    def __init__(self, store: Store, said: int) -> None:
        self._store = store
        self._said = said

    def keep(self, run_id: str, client: str) -> None:
        journal = self._store.journal
        journal.open_run(run_id, plan(*HOSTS, client=client), TICKET, KIM)
        self._say("open", run_id)
        for number, host in enumerate(HOSTS):
            lease = journal.take_host(run_id, host)
            parcel = Parcel(id=f"{run_id}-{host}", step="restart", run_as="root", timeout=interval().duration)
            journal.intend(run_id, host, parcel, lease)
            self._say("intend", run_id, host)
            ended = result(host, Outcome.UNKNOWN, reason="the link broke") if number == 2 else rich_result(host)
            journal.record(run_id, ended)
            self._say("record", run_id, host)
        done = work(run_id, client, HOSTS)
        journal.close_run(run_id, done, [charge(done.id)])
        self._say("close", run_id)
        self._store.runs.resolve(resolution(run_id, HOSTS[2]))
        self._say("resolve", run_id, HOSTS[2])

    def _say(self, *words: str) -> None:
        os.write(self._said, f"{' '.join(words)}\n".encode())


def weaken(connection: Any, *_rest: object) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")


def main(url: str, said: Path, runs: int, mode: str) -> None:
    if mode == "normal":
        event.listen(Pool, "checkout", weaken)
    voice = os.open(said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for first in range(0, runs, RUNS_A_SITTING):
        with open_store(url, SystemClock()) as store:
            keeper = Bookkeeper(store, voice)
            for number in range(first, min(first + RUNS_A_SITTING, runs)):
                keeper.keep(f"r{number}", ("acme", "borealis")[number % 2])


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    except StoreError as problem:
        sys.exit(f"stopped: {problem}")
