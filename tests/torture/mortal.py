"""An engine at work that may be killed at any moment, and the campaign that kills it.

Run as `python -m tests.torture.mortal WORKSPACE KILLS SEED`. Each life does what a start of msp-ops does: it recovers
what the dead left, then carries out run after run. What a caller was told is a line in `told`: a promise. Lives are
forked off a process that has loaded everything: a life costs a tenth of a second less than a program's start.
"""

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path

import msp_ops.transports.ssh.transport  # noqa: F401  # slow to load: once, before the first fork
from msp_ops.engine.events import HostEnded, RunEnded
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.recover import lost_hosts, recover
from msp_ops.journeys.resolve import settle_all
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.wiring import open_workspace
from tests.torture.world import asked, settings_of

Tell = Callable[..., None]


class Told:
    """Lines that survive their writer."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def __call__(self, *words: str) -> None:
        os.write(self._file, f"{' '.join(words)}\n".encode())


def clean_up(parts: Parts, tell: Tell) -> None:
    """What every start does."""
    for each in recover(parts, lost_hosts(parts)):
        if each.outcome is not None:
            tell("recovered", each.run_id, each.host_id, each.outcome.name)
    settle_all(parts)


def carry_out(parts: Parts, run_id: str, tell: Tell) -> None:
    for event in run_runbook(parts, asked(parts, run_id), Stopping(), run_id):
        match event:
            case HostEnded(result=result):
                tell("host", run_id, result.host_id, result.outcome.name)
            case RunEnded():
                tell("run", run_id)


def live(workspace: Path, name: str, tell: Tell) -> None:
    with open_workspace(settings_of(workspace)) as parts:
        clean_up(parts, tell)
        for number in count():
            carry_out(parts, f"{name}-{number}", tell)


def fork(act: Callable[[], None], workspace: Path) -> int:
    """The number of a process that does this; a defect of it is kept in `defects`."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001  # whatever it is, the judge must see it
            with (workspace / "defects").open("a") as file:
                file.write(traceback.format_exc())
            os._exit(1)
        os._exit(0)
    return child


def campaign(workspace: Path, kills: int, seed: str) -> None:
    chance, tell = random.Random(seed), Told(workspace)  # noqa: S311  # to be repeated
    longest = 1.2 * _whole_life(workspace, tell)
    for number in range(1, kills):
        child = fork(lambda number=number: live(workspace, f"k{number}", tell), workspace)
        time.sleep(chance.uniform(0, longest))
        _kill(child)


def _whole_life(workspace: Path, tell: Told) -> float:
    """How many seconds a first run takes on this machine; its process is killed too, after that run or in the next."""
    began = time.monotonic()
    child = fork(lambda: live(workspace, "k0", tell), workspace)
    while "run k0-0" not in (workspace / "told").read_text():
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "the first life ended by a defect of its own"
        assert time.monotonic() < began + 60, "no run came to its end"
        time.sleep(0.01)
    took = time.monotonic() - began
    _kill(child)
    return took


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    campaign(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
