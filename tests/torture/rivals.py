"""Several processes want one host at once, while somebody freezes, wakes and kills them.

Run as `python -m tests.torture.rivals ATTEMPTS SEED WORKSPACE...`: three rivals in each workspace, all after the same
host. An attempt is a whole run. A second of their clock takes the real time of a twentieth, so that whoever is frozen
for three seconds has lost its lease for long when it wakes. Each attempt's end is a line in `told`.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import msp_ops.transports.ssh.transport  # noqa: F401  # slow to load: once, before the first fork
from msp_ops.domain.errors import MspOpsError
from msp_ops.engine.events import HostEnded
from msp_ops.engine.stopping import Stopping
from msp_ops.engine.system_clock import SystemClock
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.store import open_store
from msp_ops.wiring import open_workspace
from tests.torture.mortal import Told, clean_up, fork
from tests.torture.world import asked, settings_of

FASTER = 20
RIVALS = 3  # a workspace
FROZEN = (0.5, 4.0)  # seconds
AT_WORK = 0.4  # seconds in each step, in which others come by


class FastClock:
    """The same for all processes of this machine: boot time, twenty times as fast."""

    def __init__(self) -> None:
        self._real = SystemClock()

    def now(self) -> datetime:
        return self._real.now()

    def elapsed(self) -> timedelta:
        return self._real.elapsed() * FASTER

    def boot_id(self) -> str:
        return self._real.boot_id()


def compete(workspace: Path, name: str) -> None:
    """Attempt after attempt."""
    told, settings = Told(workspace), settings_of(workspace)
    with open_workspace(settings) as slow, open_store(settings.store_url, FastClock()) as store:
        parts = replace(slow, store=store, clock=FastClock())
        for number in count():
            for outcome in attempt(parts, f"{name}-{number}"):
                told(f"{name}-{number}", outcome)
            time.sleep(0.05)


def attempt(parts: Parts, run_id: str) -> Iterator[str]:
    """How it ended. Who slept too long is refused by the store: that is an end too."""
    try:
        for event in run_runbook(parts, asked(parts, run_id, AT_WORK), Stopping(), run_id):
            if isinstance(event, HostEnded):
                yield event.result.outcome.name
    except MspOpsError as refusal:
        yield f"REFUSED {refusal}"


class Nemesis:
    """Freezes, wakes and kills; a dead rival's place is taken by a new one."""

    def __init__(self, workspaces: list[Path], seed: str) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # to be repeated
        self._names = count()
        self._alive = {self._new(place): place for place in workspaces for _ in range(RIVALS)}
        self._frozen: dict[int, float] = {}

    def strike(self) -> None:
        self._wake(time.monotonic())
        victim = self._chance.choice(sorted(self._alive))
        match self._chance.choice(["freeze", "freeze", "freeze", "kill", "spare", "spare", "spare", "spare"]):
            case "freeze" if victim not in self._frozen and len(self._frozen) < len(self._alive) - 1:
                os.kill(victim, signal.SIGSTOP)
                self._frozen[victim] = time.monotonic() + self._chance.uniform(*FROZEN)
            case "kill":
                place = self._end(victim)
                self._alive[self._new(place)] = place
            case _:
                pass

    def leave(self) -> None:
        for victim in list(self._alive):
            self._end(victim)

    def _new(self, place: Path) -> int:
        name = f"{place.name}-{next(self._names)}"
        return fork(lambda: compete(place, name), place)

    def _wake(self, now: float) -> None:
        for victim in [each for each, until in self._frozen.items() if until < now]:
            del self._frozen[victim]
            os.kill(victim, signal.SIGCONT)

    def _end(self, victim: int) -> Path:
        self._frozen.pop(victim, None)
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        return self._alive.pop(victim)


def campaign(attempts: int, seed: str, workspaces: list[Path]) -> None:
    for place in workspaces:
        Told(place)
        with open_workspace(settings_of(place)) as parts:
            clean_up(parts, print)  # the store is there before they come
    nemesis = Nemesis(workspaces, seed)
    deadline = time.monotonic() + 120 + attempts
    try:
        while not is_enough(workspaces, attempts) and time.monotonic() < deadline:
            nemesis.strike()
            time.sleep(0.5)
    finally:
        nemesis.leave()


def is_enough(workspaces: list[Path], attempts: int) -> bool:
    """So many attempts, and one of fifty had the host to the end."""
    told = b"".join((place / "told").read_bytes() for place in workspaces)
    return told.count(b"\n") >= attempts and told.count(b" SUCCEEDED\n") >= attempts / 50


if __name__ == "__main__":
    campaign(int(sys.argv[1]), sys.argv[2], [Path(each) for each in sys.argv[3:]])
