"""What goes wrong on the wire, on purpose."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from msp_ops.lab.winrm.fault import Fault

What = Literal["drop", "drop after", "plain", "cut", "hang", "half"] | int | Fault
"""`drop`: the connection is closed before the operation; `drop after`: it is done, its answer never comes; `plain`:
the answer comes without its encryption; `cut`: the answer ends in the middle; `hang`: nothing comes, and the connection
stays open; `half`: the first piece of a Receive's output is lost. A number: that HTTP status, without a body."""


@dataclass(slots=True)
class Mishap:
    """`operation`: `Create`, …, or `any`. `after`: so many of them go well first; `times`: so many then do not."""

    operation: str
    what: What
    after: int = 0
    times: int = 1


class Mishaps:
    """Each operation meets the first mishap that is due for it. Used by all connections."""

    def __init__(self, due: Iterable[Mishap] = ()) -> None:
        self._due = list(due)
        self._lock = threading.Lock()

    def add(self, *more: Mishap) -> None:
        with self._lock:
            self._due += more

    def clear(self) -> None:
        with self._lock:
            self._due = []

    def meet(self, operation: str) -> What | None:
        with self._lock:
            for each in self._due:
                if each.operation not in {operation, "any"} or not each.times:
                    continue
                if each.after:
                    each.after -= 1
                    continue
                each.times -= 1
                return each.what
        return None
