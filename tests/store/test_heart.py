import threading
from datetime import timedelta

from msp_ops.domain.errors import StoreError
from msp_ops.store.processes import Heart

OFTEN = timedelta(milliseconds=2)
LIMIT = 5


def hearts() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "heartbeat"]


def test_a_heart_beats_while_a_run_is_open_and_rests_after_the_last():
    beaten = threading.Semaphore(0)
    heart = Heart(beaten.release, OFTEN)
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

    heart = Heart(beat, OFTEN)
    heart.run_opened("r1")
    assert tried.acquire(timeout=LIMIT)
    assert tried.acquire(timeout=LIMIT)
    heart.stop()
    for thread in hearts():
        thread.join(LIMIT)


def test_a_heart_beats_again_for_a_later_run():
    beaten = threading.Semaphore(0)
    heart = Heart(beaten.release, OFTEN)
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
