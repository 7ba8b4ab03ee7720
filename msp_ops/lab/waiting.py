"""Waiting for a condition, with a limit."""

import time
from collections.abc import Callable

from msp_ops.lab.errors import LabError


def wait_for(condition: Callable[[], bool], what: str, limit: float = 10) -> None:
    """Look again every 20 ms; raises LabError after `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise LabError(f"{what} took longer than {limit:g} s")
        time.sleep(0.02)
