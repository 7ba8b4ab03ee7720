"""Kills a working process again and again; `test_kills` judges what is left.

Run as `python -m tests.store.kill_campaign URL FOLDER KILLS SEED`. Each child does what the engine does: clean up after
the dead, open, take, intend, change the host (a line in `effects`), record, close; it says what was acknowledged in
`acknowledged` only after the store has returned. It dies before or after a named call, or whenever it is hit.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from tests.store.cast import KIM, TICKET, charge, parcel, plan, resolution, rich_result, work

CALLS = ("open_run", "take_host", "intend", "effect", "record", "close_run", "resolve")
POINTS = [(call, side) for call in CALLS for side in ("before", "after")]
HOSTS = ("web1", "db1")


class Mortal:
    """Calls, says what was acknowledged, and dies at its point."""

    def __init__(self, folder: Path, point: tuple[str, str] | None, after: int) -> None:
        self._log = os.open(folder / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._effects = os.open(folder / "effects", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._point = point
        self._left = after

    def call(self, name: str, act: Callable[[], Any], *key: str) -> Any:
        self._perhaps_die(name, "before")
        answer = act()
        os.write(self._log, f"{name} {' '.join(key)}\n".encode())
        self._perhaps_die(name, "after")
        return answer

    def change_host(self, run_id: str, host: str) -> None:
        os.write(self._effects, f"{run_id} {host}\n".encode())

    def _perhaps_die(self, name: str, side: str) -> None:
        if self._point == (name, side):
            self._left -= 1
            if self._left < 0:
                os.kill(os.getpid(), signal.SIGKILL)


def clean_up(store: Store, mortal: Mortal) -> None:
    """What a person does after a crash: say how each unknown ended, close the run with the time it left."""
    for run in store.runs.list(open_only=True):
        for host in run.unresolved:
            verdict = resolution(run.id, host.host_id)
            mortal.call("resolve", lambda verdict=verdict: store.runs.resolve(verdict), run.id, host.host_id)
        if run.outcome is not None:
            record = replace(work(run.id, run.plan.client_id), machine=store.runs.interval_so_far(run.id))
            close(store, mortal, record)


def close(store: Store, mortal: Mortal, record: Any) -> None:
    priced = [charge(record.id)]
    mortal.call("close_run", lambda: store.journal.close_run(record.run_id, record, priced), record.run_id)


def live(url: str, mortal: Mortal, name: str) -> None:
    """Works until it is killed."""
    store = open_store(url, SystemClock())
    clean_up(store, mortal)
    for number in range(1_000_000):
        client = ("acme", "borealis")[number % 2]
        run_id = f"{name}-{number}"
        asked = plan(*HOSTS, client=client)
        mortal.call(
            "open_run", lambda run_id=run_id, asked=asked: store.journal.open_run(run_id, asked, TICKET, KIM), run_id
        )
        for host in HOSTS:
            change(store, mortal, run_id, host)
        close(store, mortal, work(run_id, client, HOSTS))


def change(store: Store, mortal: Mortal, run_id: str, host: str) -> None:
    lease = mortal.call("take_host", lambda: store.journal.take_host(run_id, host), run_id, host)
    told = parcel(f"{run_id}.{host}")
    mortal.call("intend", lambda: store.journal.intend(run_id, host, told, lease), run_id, host)
    mortal.call("effect", lambda: mortal.change_host(run_id, host), run_id, host)
    mortal.call("record", lambda: store.journal.record(run_id, rich_result(host)), run_id, host)


def campaign(url: str, folder: Path, kills: int, seed: int) -> None:
    """Forks before anything is opened: a kill costs a few hundredths of a second."""
    chance = random.Random(seed)  # noqa: S311  # the same seed gives the same campaign
    for number in range(kills):
        point = POINTS[number // 2 % len(POINTS)] if number % 2 else None
        after = chance.randrange(6)
        delay = chance.uniform(0.05, 0.25)
        child = os.fork()
        if child == 0:
            try:
                live(url, Mortal(folder, point, after), f"k{number}")
            except Exception as error:  # noqa: BLE001  # whatever it is, the judge must see it
                (folder / "defects").open("a").write(f"k{number}: {error!r}\n")
            os._exit(1)
        if point is None or point[0] == "resolve":
            time.sleep(delay)
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    campaign(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
