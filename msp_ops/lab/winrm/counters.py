"""How often what happened at an endpoint: the proof that nothing was left over and nothing done twice."""

import threading
from collections import Counter


class Counters:
    """`tcp`, `http`, `login`, `refused`, `in the clear`, `not understood`, and each operation by its name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()

    def add(self, what: str) -> None:
        with self._lock:
            self._counted[what] += 1

    def __getitem__(self, what: str) -> int:
        return self._counted[what]

    def reset(self) -> None:
        with self._lock:
            self._counted.clear()
