"""Many things at once, in threads that hold nobody who must go."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from msp_ops.engine.stopping import Stopping

T = TypeVar("T")
R = TypeVar("R")
LOOK_UP = 0.5  # seconds: how soon a word to leave is heard


def in_parallel(act: Callable[[T], R], things: Sequence[T], at_once: int, stopping: Stopping) -> Iterator[R]:
    """What `act` makes of each, as it is made. Told to leave, it ends and waits for nobody.

    What `act` raises is raised here, when all the others are made.
    """
    left: SimpleQueue[T] = SimpleQueue()
    made: SimpleQueue[Future[R]] = SimpleQueue()
    for thing in things:
        left.put(thing)

    def work() -> None:
        while not stopping.leaves:
            try:
                thing = left.get_nowait()
            except Empty:
                return
            made.put(_carried_out(act, thing))

    for number in range(min(at_once, len(things))):
        Thread(target=work, name=f"parallel-{number}", daemon=True).start()
    yield from _defects_last(_as_made(made, len(things), stopping))


def _as_made(made: SimpleQueue[Future[R]], number: int, stopping: Stopping) -> Iterator[Future[R]]:
    while number and not stopping.leaves:
        with suppress(Empty):
            yield made.get(timeout=LOOK_UP)
            number -= 1


def _defects_last(made: Iterator[Future[R]]) -> Iterator[R]:
    raised = []
    for future in made:
        if future.exception() is None:
            yield future.result()
        else:
            raised.append(future)
    for future in raised:
        future.result()


def _carried_out(act: Callable[[T], R], thing: T) -> Future[R]:
    future: Future[R] = Future()
    try:
        future.set_result(act(thing))
    except BaseException as error:  # noqa: BLE001  # not kept: whoever reads the result raises it
        future.set_exception(error)
    return future
