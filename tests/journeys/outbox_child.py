"""Sends what is due, as a process that a test kills: python -m tests.journeys.outbox_child STORE WORKSPACE HOURS."""

import sys
from pathlib import Path

from msp_ops.store import open_store
from tests.journeys.outbox_cast import AheadClock, send

if __name__ == "__main__":
    with open_store(sys.argv[1], AheadClock(int(sys.argv[3]))) as store:
        send(store, Path(sys.argv[2]))
