"""Several questions at the same time, in threads that hold up nobody: the end of the program does not wait for them."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def asked(questions: Sequence[Callable[[], T]], at_once: int) -> "list[Future[T]]":
    """Their answers to come, in the order of the questions; one that was not begun yet can be cancelled."""
    answers: list[Future[T]] = [Future() for _ in questions]
    waiting: SimpleQueue[tuple[Future[T], Callable[[], T]]] = SimpleQueue()
    for each in zip(answers, questions, strict=True):
        waiting.put(each)

    def work() -> None:
        with suppress(Empty):
            while True:
                _answer(*waiting.get_nowait())

    for _ in range(min(at_once, len(questions))):
        Thread(target=work, name="outside", daemon=True).start()
    return answers


def _answer(answer: "Future[T]", question: Callable[[], T]) -> None:
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(question())
    except BaseException as defect:  # noqa: BLE001  # not kept: whoever asked raises it
        answer.set_exception(defect)
