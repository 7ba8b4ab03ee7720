"""Waiting for something to become true, with a limit."""

import time
from collections.abc import Callable
from datetime import timedelta


def wait_until(condition: Callable[[], bool], limit: timedelta, every: timedelta = timedelta(seconds=0.1)) -> bool:
    """Whether it became true in time; asked at least once."""
    end = time.monotonic() + limit.total_seconds()
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(every.total_seconds())
    return True
