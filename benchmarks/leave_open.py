"""`python -m benchmarks.leave_open FOLDER`: one run a host of the client `fleet`, all left open when this process dies.

Every second one is at work on its host then; the others were opened, and began nothing.
"""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore

from msp_ops.domain.actor import Actor
from msp_ops.domain.client import Host
from msp_ops.domain.trigger import OnDemand
from msp_ops.engine.events import Intended
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import Asked, new_run_id, run_runbook
from msp_ops.wiring import open_workspace, read_settings

COMMITTED_WITHIN = 10  # seconds after its intent was saved


def main(root: Path) -> None:
    """Ends by SIGKILL; what it said last is how many are at work."""
    with open_workspace(read_settings(root)) as parts:
        hosts = list(parts.workspace.client("fleet").hosts())
        at_work, idle = hosts[0::2], hosts[1::2]
        for host in idle:
            asked = _asked(parts, host)
            parts.store.journal.open_run(new_run_id(parts.clock), asked.plan(), asked.trigger, asked.actor)
        intended = Semaphore(0)
        with ThreadPoolExecutor(len(at_work)) as pool:
            for host in at_work:
                pool.submit(_begin, parts, _asked(parts, host), intended)
            for _ in at_work:
                intended.acquire()
            print(f"{len(at_work)} at work, {len(idle)} began nothing", flush=True)
            time.sleep(COMMITTED_WITHIN)
            os.kill(os.getpid(), signal.SIGKILL)


def _begin(parts: Parts, asked: Asked, intended: Semaphore) -> None:
    for event in run_runbook(parts, asked, Stopping()):
        if isinstance(event, Intended):
            intended.release()


def _asked(parts: Parts, host: Host) -> Asked:
    return Asked(
        client=parts.workspace.client("fleet"),
        runbook=parts.workspace.runbook("held"),
        hosts=(host,),
        parameters={},
        trigger=OnDemand(ticket="", reason="how fast recovery is"),
        actor=Actor(name="bench", kind="person", authenticated_by="the benchmark"),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
