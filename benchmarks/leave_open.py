"""`python -m benchmarks.leave_open FOLDER`: one run a host of the client `fleet`, all left open when this process dies.

Every second one is at work on its host then; the others were opened, and began nothing.
"""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from msp_ops.domain.actor import Actor
from msp_ops.domain.client import Host
from msp_ops.domain.trigger import OnDemand
from msp_ops.engine.events import HostEnded, Intended
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import Asked, new_run_id, run_runbook
from msp_ops.wiring import open_workspace, read_settings

BEGIN_AT_ONCE = 16  # a store refuses hundreds that all begin in one moment
COMMITTED_WITHIN = 10  # seconds after its intent was saved


def main(root: Path) -> None:
    """Ends by SIGKILL; what it said last is how many are at work."""
    with open_workspace(read_settings(root)) as parts:
        hosts = list(parts.workspace.client("fleet").hosts())
        at_work, idle = hosts[0::2], hosts[1::2]
        began: SimpleQueue[str] = SimpleQueue()
        with ThreadPoolExecutor(len(at_work)) as pool:
            for number, host in enumerate(at_work):
                pool.submit(_begin, parts, _asked(parts, host), began)
                if number >= BEGIN_AT_ONCE:
                    _know_one(began)
            for _ in range(min(BEGIN_AT_ONCE, len(at_work))):
                _know_one(began)
            for host in idle:
                asked = _asked(parts, host)
                parts.store.journal.open_run(new_run_id(parts.clock), asked.plan(), asked.trigger, asked.actor)
            print(f"{len(at_work)} at work, {len(idle)} began nothing", flush=True)
            time.sleep(COMMITTED_WITHIN)
            os.kill(os.getpid(), signal.SIGKILL)


def _know_one(began: SimpleQueue[str]) -> None:
    if why := began.get():
        print(f"a run did not begin: {why}", flush=True)
        os._exit(1)  # the pool would wait for those that did


def _begin(parts: Parts, asked: Asked, began: SimpleQueue[str]) -> None:
    """Says the empty word when the host's change is under way, else why it will never be."""
    try:
        for event in run_runbook(parts, asked, Stopping()):
            match event:
                case Intended():
                    began.put("")
                case HostEnded():
                    began.put(f"{event.result.host_id}: {event.result.outcome.word}: {event.result.reason}")
    except Exception as error:
        began.put(repr(error))
        raise


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
