"""Many things at once, in threads that hold nobody who must go."""

from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from msp_ops.engine.stopping import Stopping

T = TypeVar("T")
R = TypeVar("R")
LOOK_UP = 0.5  # seconds: how soon a word to leave is heard


def in_parallel(act: Callable[[T], R], things: Sequence[T], at_once: int, stopping: Stopping) -> Iterator[R]:
    """What `act` makes of each, as it is made; `act` raises nothing. Told to leave, it ends and waits for nobody."""
    left: SimpleQueue[T] = SimpleQueue()
    made: SimpleQueue[R] = SimpleQueue()
    for thing in things:
        left.put(thing)

    def work() -> None:
        while not stopping.leaves:
            try:
                thing = left.get_nowait()
            except Empty:
                return
            made.put(act(thing))

    for number in range(min(at_once, len(things))):
        Thread(target=work, name=f"parallel-{number}", daemon=True).start()
    open_ones = len(things)
    while open_ones and not stopping.leaves:
        try:
            yield made.get(timeout=LOOK_UP)
        except Empty:
            continue
        open_ones -= 1
