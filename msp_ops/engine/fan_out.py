"""Many hosts at once, their events on one conveyor."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event as Signal

from msp_ops.domain.clock import Clock, Stopwatch
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostResult
from msp_ops.engine.events import HostEnded, HostEvent, Said
from msp_ops.engine.job import HostJob

WAITING_LINES = 2000
RunOne = Callable[[HostJob], Iterator[HostEvent]]


def fan_out(jobs: Sequence[HostJob], run_one: RunOne, at_once: int, clock: Clock, stop: Signal) -> Iterator[HostEvent]:
    """Events as they happen; exactly one HostEnded for every job. After `stop` no further host begins."""
    conveyor: SimpleQueue[HostEvent] = SimpleQueue()

    def take_turn(job: HostJob) -> None:
        for event in _turn(job, run_one, clock, stop):
            if not (isinstance(event, Said) and conveyor.qsize() > WAITING_LINES):  # the evidence has them all
                conveyor.put(event)

    with ThreadPoolExecutor(max_workers=min(at_once, len(jobs) or 1), thread_name_prefix="host") as pool:
        try:
            for job in jobs:
                pool.submit(take_turn, job)
            ended = 0
            while ended < len(jobs):
                event = conveyor.get()
                ended += isinstance(event, HostEnded)
                yield event
        finally:
            stop.set()


def _turn(job: HostJob, run_one: RunOne, clock: Clock, stop: Signal) -> Iterator[HostEvent]:
    watch = Stopwatch.start(clock)
    if stop.is_set():
        yield _ended(job, Outcome.DEFERRED, "the run was stopped before this host began", watch)
        return
    try:
        yield from run_one(job)
    except Exception:  # noqa: BLE001  # the one boundary: a defect ends its host as unknown, and the run after it
        stop.set()
        yield _ended(job, Outcome.UNKNOWN, "msp-ops itself failed on this host", watch, traceback.format_exc())


def _ended(job: HostJob, outcome: Outcome, reason: str, watch: Stopwatch, defect: str | None = None) -> HostEnded:
    result = HostResult(host_id=job.host_id, outcome=outcome, reason=reason, interval=watch.read(), defect=defect)
    return HostEnded(result=result)
