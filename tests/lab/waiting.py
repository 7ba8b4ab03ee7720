"""Waiting for what a real machine does."""

import time


def wait_until(condition, seconds=60):
    """What the condition found; it is asked twice a second."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)
    return found
