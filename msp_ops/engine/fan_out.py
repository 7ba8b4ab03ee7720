"""Many hosts at once, their events on one conveyor."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event as Signal

from msp_ops.domain.clock import Clock, Stopwatch
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostResult
from msp_ops.engine.events import HostEnded, HostEvent, NotRecorded, Said
from msp_ops.engine.job import HostJob

WAITING_LINES = 2000
RunOne = Callable[[HostJob], Iterator[HostEvent]]
Record = Callable[[HostResult, HostJob], HostEvent]


def fan_out(
    jobs: Sequence[HostJob], run_one: RunOne, record: Record, at_once: int, clock: Clock, stop: Signal
) -> Iterator[HostEvent]:
    """Events as they happen; exactly one HostEnded or NotRecorded for every job. After `stop` no further host begins.

    `run_one` records its host itself; `record` is for the hosts that never came to it.
    """
    conveyor: SimpleQueue[HostEvent] = SimpleQueue()

    def take_turn(job: HostJob) -> None:
        for event in _turn(job, run_one, record, clock, stop):
            if not (isinstance(event, Said) and conveyor.qsize() > WAITING_LINES):  # the evidence has them all
                conveyor.put(event)

    with ThreadPoolExecutor(max_workers=min(at_once, len(jobs) or 1), thread_name_prefix="host") as pool:
        try:
            for job in jobs:
                pool.submit(take_turn, job)
            ended = 0
            while ended < len(jobs):
                event = conveyor.get()
                ended += isinstance(event, HostEnded | NotRecorded)
                yield event
        finally:
            stop.set()


def _turn(job: HostJob, run_one: RunOne, record: Record, clock: Clock, stop: Signal) -> Iterator[HostEvent]:
    watch = Stopwatch.start(clock)
    if stop.is_set():
        yield record(_result(job, Outcome.DEFERRED, "the run was stopped before this host began", watch), job)
        return
    try:
        for event in run_one(job):
            if isinstance(event, NotRecorded):
                stop.set()
            yield event
    except BaseException:  # noqa: BLE001  # the one boundary: a defect ends its host as unknown, and the run after it
        stop.set()
        defect = traceback.format_exc()
        yield record(_result(job, Outcome.UNKNOWN, "msp-ops itself failed on this host", watch, defect), job)


def _result(job: HostJob, outcome: Outcome, reason: str, watch: Stopwatch, defect: str | None = None) -> HostResult:
    return HostResult(host_id=job.host_id, outcome=outcome, reason=reason, interval=watch.read(), defect=defect)
