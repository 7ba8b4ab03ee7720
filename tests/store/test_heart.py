import threading
from datetime import timedelta

import pytest

from msp_ops.domain.errors import StoreError
from msp_ops.store.heart import Heart
from tests.store.cast import TestClock

OFTEN = timedelta(milliseconds=2)
LIMIT = 5


def hearts() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "heartbeat"]


def test_a_heart_beats_while_a_run_is_open_and_rests_after_the_last():
    beaten = threading.Semaphore(0)
    heart = Heart(beaten.release, TestClock(), OFTEN)
    heart.run_opened("r1")
    heart.run_opened("r2")
    assert beaten.acquire(timeout=LIMIT)
    heart.run_closed("r1")
    assert beaten.acquire(timeout=LIMIT)
    (thread,) = hearts()
    assert thread.daemon
    heart.run_closed("r2")
    thread.join(LIMIT)
    assert not hearts()


def test_a_heart_goes_on_after_a_beat_that_could_not_be_saved():
    tried = threading.Semaphore(0)

    def beat() -> None:
        tried.release()
        raise StoreError("locked")

    heart = Heart(beat, TestClock(), OFTEN)
    heart.run_opened("r1")
    assert tried.acquire(timeout=LIMIT)
    assert tried.acquire(timeout=LIMIT)
    heart.stop()
    for thread in hearts():
        thread.join(LIMIT)


def test_a_heart_beats_again_for_a_later_run():
    beaten = threading.Semaphore(0)
    heart = Heart(beaten.release, TestClock(), OFTEN)
    heart.run_opened("r1")
    heart.run_closed("r1")
    heart.run_opened("r2")
    for thread in hearts()[:-1]:
        thread.join(LIMIT)
    while beaten.acquire(blocking=False):
        pass
    assert beaten.acquire(timeout=LIMIT)
    heart.stop()
    for thread in hearts():
        thread.join(LIMIT)


def test_a_store_that_fails_for_a_while_is_no_trouble_and_for_longer_it_is():
    clock, tried, refusing = TestClock(), threading.Semaphore(0), threading.Event()

    def beat() -> None:
        tried.release()
        if refusing.is_set():
            raise StoreError("its disk is full")

    def beats() -> None:
        """The second one began after the first had ended."""
        while tried.acquire(blocking=False):
            pass
        assert tried.acquire(timeout=LIMIT)
        assert tried.acquire(timeout=LIMIT)

    heart = Heart(beat, clock, OFTEN)
    heart.run_opened("r1")
    refusing.set()
    beats()
    clock.move(timedelta(seconds=30))
    assert heart.trouble() is None
    clock.move(timedelta(seconds=1))
    beats()
    assert heart.trouble() == "the store has taken no heartbeat for 31 s: its disk is full"
    refusing.clear()
    beats()
    assert heart.trouble() is None
    heart.stop()
    for thread in hearts():
        thread.join(LIMIT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_heart_that_a_defect_stopped_is_trouble_until_a_new_one_beats():
    beaten = threading.Semaphore(0)
    defects = [ZeroDivisionError("a defect")]

    def beat() -> None:
        if defects:
            raise defects.pop()
        beaten.release()

    heart = Heart(beat, TestClock(), OFTEN)
    heart.run_opened("r1")
    for thread in hearts():
        thread.join(LIMIT)
    assert heart.trouble() == "the heartbeat of this process ended by a defect: others take it for dead soon"
    heart.run_opened("r2")
    assert beaten.acquire(timeout=LIMIT)
    assert heart.trouble() is None
    heart.stop()
    for thread in hearts():
        thread.join(LIMIT)
    assert heart.trouble() is None, "nothing is open"
