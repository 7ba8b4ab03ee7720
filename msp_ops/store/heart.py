"""The sign of life of a process at work, given from a thread of its own."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Lock, Thread

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import StoreError
from msp_ops.domain.record import record
from msp_ops.store.liveness import BEAT_EVERY

WORRY_AFTER = timedelta(seconds=30)  # others may take our hosts after 45 s: no further host begins before that


@record
class _Failing:
    since: timedelta
    problem: str


class Heart:
    """Beats while a run is open, so that a long step does not look like a death."""

    def __init__(self, beat: Callable[[], None], clock: Clock, every: timedelta = BEAT_EVERY) -> None:
        self._beat = beat
        self._clock = clock
        self._every = every
        self._open: set[str] = set()
        self._guard = Lock()
        self._rest = Event()
        self._thread: Thread | None = None
        self._failing: _Failing | None = None

    def run_opened(self, run_id: str) -> None:
        with self._guard:
            if not self._open or self._is_dead():
                self._rest, self._failing = Event(), None
                self._thread = Thread(target=self._keep_beating, args=(self._rest,), name="heartbeat", daemon=True)
                self._thread.start()
            self._open.add(run_id)

    def run_closed(self, run_id: str) -> None:
        with self._guard:
            self._open.discard(run_id)
            if not self._open:
                self._rest.set()

    def stop(self) -> None:
        with self._guard:
            self._open.clear()
            self._rest.set()

    def trouble(self) -> str | None:
        """Why others will soon take this process for dead, or None: then nothing new must begin."""
        with self._guard:
            if self._open and self._is_dead():
                return "the heartbeat of this process ended by a defect: others take it for dead soon"
        failing = self._failing
        silent = self._clock.elapsed() - failing.since if failing else timedelta(0)
        if failing is None or silent <= WORRY_AFTER:
            return None
        return f"the store has taken no heartbeat for {silent.seconds} s: {failing.problem}"

    def _is_dead(self) -> bool:
        return self._thread is not None and not self._thread.is_alive()

    def _keep_beating(self, rest: Event) -> None:
        """After a beat that failed the next comes sooner: a store that was locked for a moment costs nothing."""
        pause = self._every
        while not rest.wait(pause.total_seconds()):
            pause = self._every if self._try_to_beat() else self._every / 5

    def _try_to_beat(self) -> bool:
        try:
            self._beat()
        except StoreError as problem:
            since = self._failing.since if self._failing else self._clock.elapsed()
            self._failing = _Failing(since=since, problem=str(problem))
            return False
        self._failing = None
        return True
