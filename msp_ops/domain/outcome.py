"""How it ended, for a step, a host and a run."""

from collections.abc import Iterable
from enum import IntEnum


class Outcome(IntEnum):
    """Ordered from best to worst, so that many fold with `max`."""

    SKIPPED = 0  # did not apply, with the reason
    SUCCEEDED = 1  # done and verified, or nothing was to do and that was verified
    DEFERRED = 2  # window closed, rollout stopped, or cancelled before it began
    UNVERIFIED = 3  # ran, verification was not possible
    BLOCKED = 4  # a lock, a lease, a full disk, another patch manager: nothing was changed
    NOT_REACHED = 5  # no connection, login refused, host key changed: nothing was changed
    FAILED = 6  # ran and did not reach its aim
    UNKNOWN = 7  # may have run: no proof either way

    @property
    def word(self) -> str:
        """As people read it: `not reached`."""
        return self.name.lower().replace("_", " ")

    @property
    def is_good(self) -> bool:
        return self <= Outcome.SUCCEEDED


def fold(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of them; of nothing, `SKIPPED`: nothing was asked, nothing is claimed."""
    return max(outcomes, default=Outcome.SKIPPED)
