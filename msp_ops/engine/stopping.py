"""What a run is told from outside: finish, cancel, leave. Harder words replace softer ones, never the other way."""

from enum import IntEnum
from threading import Condition

from msp_ops.domain.errors import Stopped


class Level(IntEnum):
    """How hard."""

    GO_ON = 0
    FINISH = 1  # running steps come to their end, nothing new begins
    CANCEL = 2  # running steps are stopped on their hosts too
    LEAVE = 3  # this process goes; what runs on the hosts runs on, and recovery asks for it


class Stopping:
    """Shared by all threads of a run."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._level = Level.GO_ON
        self._why = ""

    def finish(self, why: str) -> None:
        self._tell(Level.FINISH, why)

    def cancel(self, why: str) -> None:
        self._tell(Level.CANCEL, why)

    def leave(self, why: str) -> None:
        self._tell(Level.LEAVE, why)

    @property
    def why(self) -> str:
        """Who stopped it and why; empty while it goes on."""
        return self._why

    @property
    def begins_nothing(self) -> bool:
        return self._level >= Level.FINISH

    @property
    def cancels(self) -> bool:
        return self._level is Level.CANCEL

    @property
    def leaves(self) -> bool:
        return self._level is Level.LEAVE

    def check(self) -> None:
        """Raises Stopped when nothing new may begin."""
        if self.begins_nothing:
            raise Stopped(self._why)

    def wait(self, seconds: float) -> bool:
        """Rest that long, or until something is said; whether nothing new may begin."""
        with self._changed:
            self._changed.wait_for(lambda: self.begins_nothing, seconds)
        return self.begins_nothing

    def _tell(self, level: Level, why: str) -> None:
        with self._changed:
            if level > self._level:
                self._level, self._why = level, why
            self._changed.notify_all()
