"""In which order and how fast a change reaches the hosts of a run, and when it stops."""

from datetime import timedelta

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record

STOPPING = frozenset({Outcome.UNVERIFIED, Outcome.FAILED, Outcome.UNKNOWN})
"""The change may have broken something. Where nothing was changed (blocked, not reached) nothing speaks against it."""


@record
class Share:
    """A part of a ring's hosts: rounded down, at least one."""

    percent: int


@record
class Rollout:
    """Canaries, then ring after ring, each in batches; a batch begins when all hosts before it have ended.

    `canary`: the hosts that go first, alone; empty: whichever is first; None: none does. `soak` counts from the end of
    the last canary. `batch`: hosts, or their share of a ring; None: the whole ring. `stop_after`: so many hosts that
    did not end well (see STOPPING) are the last.
    """

    canary: tuple[str, ...] | None = None
    soak: timedelta = timedelta(0)
    batch: int | Share | None = None
    stop_after: int = 1


def batch_size(batch: int | Share | None, hosts: int) -> int:
    """How many of a ring's hosts make a batch; at least one."""
    match batch:
        case None:
            return max(1, hosts)
        case Share(percent=percent):
            return max(1, hosts * percent // 100)
        case _:
            return batch
