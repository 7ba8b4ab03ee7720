"""A few threads that carry many hosts' courses, each until it has nothing to do for a while."""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread

from msp_ops.engine.events import HostEvent, Said, Waiting

WAITING_LINES = 2000

Course = Iterator[HostEvent]
Heard = tuple[Course, HostEvent]


class Crew:
    """Daemon threads, begun as they are needed: a silent host does not hold a process that must go."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._threads: list[Thread] = []
        self._work: SimpleQueue[Course | None] = SimpleQueue()
        self.conveyor: SimpleQueue[Heard] = SimpleQueue()

    def carry(self, course: Course) -> None:
        """Its events come to the conveyor, until it ends or waits; then whoever reads them has it carried on."""
        self._work.put(course)
        if len(self._threads) < self._size and self._work.qsize() > 0:
            thread = Thread(target=self._carry, name=f"host-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def dismiss(self) -> None:
        """Nothing more comes: the threads end after what they carry."""
        for _ in self._threads:
            self._work.put(None)

    def _carry(self) -> None:
        while (course := self._work.get()) is not None:
            for event in course:
                if isinstance(event, Said) and self.conveyor.qsize() > WAITING_LINES:
                    continue  # the evidence has them all
                self.conveyor.put((course, event))
                if isinstance(event, Waiting):
                    break
