"""Kills a process that sends, again and again, wherever it is.

Run as `python -m tests.journeys.outbox_campaign STORE WORKSPACE PSA KILLS SEED`. Each child's clock is an hour ahead of
the one before, so the PSA is done with whatever the last one had asked: that is waited for.
"""

import os
import random
import signal
import sys
import time
import urllib.request
from pathlib import Path

from msp_ops.store import open_store
from tests.journeys.outbox_cast import AheadClock, send


def campaign(url, folder, psa, kills, seed):
    chance = random.Random(seed)  # noqa: S311  # the same seed gives the same campaign
    for number in range(kills):
        child = os.fork()
        if child == 0:
            try:
                with open_store(url, AheadClock(number + 1)) as store:
                    send(store, folder)
            except Exception as error:  # noqa: BLE001  # whatever it is, the judge must see it
                (folder / "defects").open("a").write(f"{number}: {error!r}\n")
            os._exit(0)
        time.sleep(chance.uniform(0.02, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        until_idle(psa)


def until_idle(psa):
    for _ in range(200):
        with urllib.request.urlopen(f"{psa}/at-work") as answer:  # noqa: S310  # on loopback
            if answer.read() == b"0":
                return
        time.sleep(0.02)
    raise TimeoutError("the stand-in never came to rest")


if __name__ == "__main__":
    campaign(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
