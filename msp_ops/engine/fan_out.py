"""Many hosts at once, their events on one conveyor; who begins when is the rollout's word."""

import heapq
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from queue import Empty

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostResult
from msp_ops.engine.crew import Course, Crew
from msp_ops.engine.events import HostEnded, HostEvent, HostLeft, NotRecorded, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.rollout import Begin, Defer, Done, Turns, Wait
from msp_ops.engine.testimony import masked

THREADS = 64
LOOK_UP = timedelta(seconds=0.5)  # how soon a stop is noticed

RunOne = Callable[[HostJob], Iterator[HostEvent]]
Record = Callable[[HostResult, HostJob], HostEvent]


def fan_out(
    jobs: Sequence[HostJob], run_one: RunOne, record: Record, turns: Turns, tools: Tools
) -> Iterator[HostEvent]:
    """Events as they happen; exactly one HostEnded, NotRecorded or HostLeft for every job that began.

    A host that is not to begin any more is recorded as deferred. `run_one` records its host itself; `record` is for
    the hosts that never came to it.
    """
    crew = Crew(min(THREADS, len(jobs)))
    try:
        yield from Dispatch(jobs, run_one, record, turns, tools, crew).events()
    finally:
        crew.dismiss()


class Dispatch:
    """Who begins, who is looked at again, who has ended. Lives in the thread of whoever reads the events."""

    def __init__(
        self, jobs: Sequence[HostJob], run_one: RunOne, record: Record, turns: Turns, tools: Tools, crew: Crew
    ) -> None:
        self._waiting = {job.host_id: job for job in jobs}
        self._at_work: set[str] = set()
        self._deferred_ids: set[str] = set()
        self._run_one = run_one
        self._record = record
        self._turns = turns
        self._tools = tools
        self._crew = crew
        self._parked: list[tuple[timedelta, int, Course]] = []
        self._number = count()
        self._next_poll = timedelta(0)
        self._cancel_heard = False
        self._ask_at: timedelta | None = timedelta(0)  # when the rollout is asked again; None: when a host ends

    def events(self) -> Iterator[HostEvent]:
        while (self._waiting or self._at_work) and not self._tools.stopping.leaves:
            self._begin()
            self._wake()
            event = self._next_event()
            if event is not None:
                yield event
        yield from (HostLeft(host_id=host_id) for host_id in sorted(self._at_work))

    def _now(self) -> timedelta:
        return self._tools.clock.elapsed()

    def _begin(self) -> None:
        """Hand out whoever may begin, or is not to begin any more, until the rollout says to wait."""
        if self._tools.stopping.begins_nothing:
            self._turns.halt(f"stopped before this host began: {self._tools.stopping.why}")
            self._ask_at = timedelta(0)
        while self._waiting and self._ask_at is not None and self._now() >= self._ask_at:
            match self._turns.next(self._now()):
                case Begin(host_ids=host_ids):
                    self._start(host_ids, self._guarded)
                case Defer(host_ids=host_ids, reason=reason):
                    self._start(host_ids, partial(self._deferred, reason=reason))
                case Wait(until=until):
                    self._ask_at = until
                case Done():
                    self._ask_at = None

    def _start(self, host_ids: Sequence[str], course: Callable[[HostJob], Course]) -> None:
        for host_id in host_ids:
            self._at_work.add(host_id)
            self._crew.carry(course(self._waiting.pop(host_id)))

    def _deferred(self, job: HostJob, reason: str) -> Course:
        self._deferred_ids.add(job.host_id)
        yield self._recorded(_result(job, Outcome.DEFERRED, reason, Stopwatch.start(self._tools.clock)), job)

    def _guarded(self, job: HostJob) -> Course:
        watch = Stopwatch.start(self._tools.clock)
        try:
            yield from self._run_one(job)
        except GeneratorExit:
            raise
        except BaseException:  # noqa: BLE001  # the one boundary: a defect ends its host as unknown, and the run after it
            self._tools.stopping.finish(f"a defect of msp-ops on {job.host_id}")
            defect = masked(traceback.format_exc(), self._tools.redact)
            why = "msp-ops itself failed on this host"
            yield self._recorded(_result(job, Outcome.UNKNOWN, why, watch, defect), job)

    def _recorded(self, result: HostResult, job: HostJob) -> HostEvent:
        try:
            return self._record(result, job)
        except Exception as defect:  # noqa: BLE001  # the same boundary: a host without an end would hold the run for ever
            why = masked(f"{type(defect).__name__}: {defect}", self._tools.redact)
            return NotRecorded(result=result, why=why)

    def _wake(self) -> None:
        """Those whose pause is over, never all at once; a cancel is heard by all."""
        now = self._now()
        if self._tools.stopping.cancels and not self._cancel_heard:
            self._cancel_heard = True
            while self._parked:
                self._crew.carry(heapq.heappop(self._parked)[2])
        while self._parked and self._parked[0][0] <= now >= self._next_poll:
            self._crew.carry(heapq.heappop(self._parked)[2])
            self._next_poll = now + self._tools.patience.apart

    def _next_event(self) -> HostEvent | None:
        try:
            course, event = self._crew.conveyor.get(timeout=LOOK_UP.total_seconds())
        except Empty:
            return None
        match event:
            case Waiting(pause=pause):
                soon = LOOK_UP if self._tools.stopping.cancels else pause  # it began to wait before it heard
                heapq.heappush(self._parked, (self._now() + min(pause, soon), next(self._number), course))
            case HostEnded(result=result) | NotRecorded(result=result):
                self._ended(event, result)
            case _:
                pass
        return event

    def _ended(self, event: HostEvent, result: HostResult) -> None:
        self._at_work.discard(result.host_id)
        if result.host_id not in self._deferred_ids:
            self._turns.ended(result.host_id, result.outcome, self._now(), result.reason)
        self._ask_at = self._now()
        if isinstance(event, NotRecorded):
            self._tools.stopping.finish("a result could not be saved")


def _result(job: HostJob, outcome: Outcome, reason: str, watch: Stopwatch, defect: str | None = None) -> HostResult:
    return HostResult(host_id=job.host_id, outcome=outcome, reason=reason, interval=watch.read(), defect=defect)
