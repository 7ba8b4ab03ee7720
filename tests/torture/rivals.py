"""Several processes want one host at once, while somebody freezes, wakes and kills them.

Run as `python -m tests.torture.rivals ATTEMPTS SEED WORKSPACE...`: three rivals in each workspace, all after the same
host. An attempt is a whole run; its end is a line in `told`. Their clock runs so fast that a lease lasts three runs of
this machine, measured first: who is frozen for longer has lost its lease when it wakes.
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
from msp_ops.store.liveness import DEAD_AFTER
from msp_ops.wiring import open_workspace
from tests.torture.mortal import Told, fork
from tests.torture.world import asked, settings_of

RIVALS = 3  # a workspace
AT_WORK = 0.4  # seconds in each step, in which others come by


class FastClock:
    """Boot time, so many times as fast."""

    def __init__(self, faster: float) -> None:
        self._real = SystemClock()
        self._faster = faster

    def now(self) -> datetime:
        return self._real.now()

    def elapsed(self) -> timedelta:
        return self._real.elapsed() * self._faster

    def boot_id(self) -> str:
        return self._real.boot_id()


def compete(workspace: Path, name: str, faster: float) -> None:
    """Attempt after attempt."""
    told, settings = Told(workspace), settings_of(workspace)
    clock = FastClock(faster)
    with open_workspace(settings) as slow, open_store(settings.store_url, clock) as store:
        parts = replace(slow, store=store, clock=clock)
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

    def __init__(self, workspaces: list[Path], seed: str, run: float) -> None:
        self._lease = 3 * run
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
                self._frozen[victim] = time.monotonic() + self._chance.uniform(0.1, 2) * self._lease
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
        return fork(lambda: compete(place, name, DEAD_AFTER.total_seconds() / self._lease), place)

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
    run = max(seconds_of_a_run(place) for place in workspaces)
    nemesis = Nemesis(workspaces, seed, run)
    deadline = time.monotonic() + 60 + attempts
    try:
        while not is_enough(workspaces, attempts) and time.monotonic() < deadline:
            nemesis.strike()
            time.sleep(run / 3)
    finally:
        nemesis.leave()


def seconds_of_a_run(place: Path) -> float:
    """That nobody disturbs; a process of its own does it, since ours is to fork."""
    child = fork(lambda: undisturbed(place), place)
    began = time.monotonic()
    assert os.waitpid(child, 0)[1] == 0, "the first run ended by a defect of its own"
    return time.monotonic() - began


def undisturbed(place: Path) -> None:
    with open_workspace(settings_of(place)) as parts:
        (outcome,) = attempt(parts, f"{place.name}-first")
        Told(place)(f"{place.name}-first", outcome)


def is_enough(workspaces: list[Path], attempts: int) -> bool:
    """So many attempts, and one of a hundred had the host to the end."""
    told = b"".join((place / "told").read_bytes() for place in workspaces)
    return told.count(b"\n") >= attempts and told.count(b" SUCCEEDED\n") >= len(workspaces) + attempts / 100


if __name__ == "__main__":
    campaign(int(sys.argv[1]), sys.argv[2], [Path(each) for each in sys.argv[3:]])
