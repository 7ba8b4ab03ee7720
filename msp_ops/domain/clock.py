"""Time as the house takes it: passed in, aware, and monotonic for every length."""

from datetime import datetime, timedelta
from typing import Protocol

from msp_ops.domain.record import record


class Clock(Protocol):
    """Where every moment comes from; tests and rehearsals pass their own."""

    def now(self) -> datetime:
        """The moment in UTC."""
        ...

    def elapsed(self) -> timedelta:
        """A clock that never steps and counts sleep (CLOCK_BOOTTIME), comparable within one boot only."""
        ...

    def boot_id(self) -> str:
        """Which boot of this machine `elapsed` belongs to."""
        ...


@record
class Interval:
    """A measured span: the wall clock labels it, the monotonic clock measures it."""

    started_at: datetime
    ended_at: datetime
    duration: timedelta
    boot_id: str

    def __post_init__(self) -> None:
        if self.started_at.utcoffset() != timedelta(0) or self.ended_at.utcoffset() != timedelta(0):
            raise ValueError("an interval is kept in UTC")
        if self.duration < timedelta(0):
            raise ValueError(f"an interval cannot be negative: {self.duration}")

    @property
    def clock_stepped(self) -> bool:
        """Whether the wall clock moved by more than two seconds against the monotonic one."""
        return abs((self.ended_at - self.started_at) - self.duration) > timedelta(seconds=2)


@record
class Stopwatch:
    """A started measurement."""

    clock: Clock
    started_at: datetime
    started: timedelta

    @classmethod
    def start(cls, clock: Clock) -> "Stopwatch":
        return cls(clock=clock, started_at=clock.now(), started=clock.elapsed())

    def read(self) -> Interval:
        """The span from the start until now."""
        return Interval(
            started_at=self.started_at,
            ended_at=self.clock.now(),
            duration=self.clock.elapsed() - self.started,
            boot_id=self.clock.boot_id(),
        )
