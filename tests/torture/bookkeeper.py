"""Keeps a store busy and says what was acknowledged. Run as `python -m tests.torture.bookkeeper URL FILE RUNS MODE`.

MODE `stubborn` does again what the store refused, as the engine does with results. MODE `normal` weakens every
connection to synchronous=NORMAL, which the documentation of SQLite says may roll back: the
judge must see it. Each run is saved as the engine saves it; now and then the store is closed and opened again.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.pool import Pool

from msp_ops.domain.errors import StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Parcel
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from tests.store.cast import KIM, TICKET, charge, interval, plan, resolution, result, rich_result, work

T = TypeVar("T")
HOSTS = ("web1", "db1", "file1")
RUNS_A_SITTING = 12


class Bookkeeper:
    """Does it, then says so: one line a promise."""

    def __init__(self, store: Store, said: int, tries: int) -> None:
        self._store = store
        self._said = said
        self._tries = tries

    def keep(self, run_id: str, client: str) -> None:
        journal = self._store.journal
        asked = plan(*HOSTS, client=client)
        self._do(lambda: journal.open_run(run_id, asked, TICKET, KIM), "open", run_id)
        for number, host in enumerate(HOSTS):
            ended = result(host, Outcome.UNKNOWN, reason="the link broke") if number == 2 else rich_result(host)
            self._intend(run_id, host)
            self._do(partial(journal.record, run_id, ended), "record", run_id, host)
        done = work(run_id, client, HOSTS)
        self._do(lambda: journal.close_run(run_id, done, [charge(done.id)]), "close", run_id)
        self._do(lambda: self._store.runs.resolve(resolution(run_id, HOSTS[2])), "resolve", run_id, HOSTS[2])

    def _intend(self, run_id: str, host: str) -> None:
        journal = self._store.journal
        parcel = Parcel(id=f"{run_id}-{host}", step="restart", run_as="root", timeout=interval().duration)
        lease = self._do(lambda: journal.take_host(run_id, host), "take", run_id, host)
        self._do(lambda: journal.intend(run_id, host, parcel, lease), "intend", run_id, host)

    def _do(self, act: Callable[[], T], *words: str) -> T:
        for _ in range(self._tries - 1):
            with suppress(StoreError):
                done = act()
                self._say(*words)
                return done
        done = act()
        self._say(*words)
        return done

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
            keeper = Bookkeeper(store, voice, tries=5 if mode == "stubborn" else 1)
            for number in range(first, min(first + RUNS_A_SITTING, runs)):
                keeper.keep(f"r{number}", ("acme", "borealis")[number % 2])


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    except StoreError as problem:
        sys.exit(f"stopped: {problem}")
