"""Measured time becomes billed time."""

from datetime import timedelta

from msp_ops.domain.clock import Interval
from msp_ops.domain.contract import Rounding
from msp_ops.domain.work import WorkRecord

NOTHING = timedelta(0)


def counted_interval(record: WorkRecord) -> Interval | None:
    """A person's attended time when somebody sat there; otherwise the machine's, for work that ran by itself."""
    return record.machine if record.attended is None else record.attended


def measured_time(record: WorkRecord) -> timedelta:
    """The time that counts for a price, in whole seconds.

    A begun second does not count, for a hair over a quarter of an hour must not cost the next one; only the first one
    does, for work that was done is never no work.
    """
    interval = counted_interval(record)
    if interval is None or not interval.duration:
        return NOTHING
    return timedelta(seconds=max(1, interval.duration // timedelta(seconds=1)))


def billed_time(measured: timedelta, rounding: Rounding) -> timedelta:
    """Up to the next increment after the grace, and not below the minimum; no time stays no time."""
    if measured <= NOTHING:
        return NOTHING
    counted = max(measured - rounding.grace, NOTHING)
    if rounding.increment > NOTHING:
        counted = -(-counted // rounding.increment) * rounding.increment
    return max(counted, rounding.minimum)
