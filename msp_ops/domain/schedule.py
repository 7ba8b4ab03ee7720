"""When: windows, freezes, schedules as people write them. `msp_ops.calendar` turns them into moments."""

from dataclasses import field
from datetime import date, time, timedelta

from msp_ops.domain.record import added, record
from msp_ops.domain.rollout import Rollout


@record
class Window:
    """A recurring span in the client's zone: RFC 5545 rule + local start + elapsed duration."""

    id: str
    rrule: str
    start: time
    duration: timedelta


@record
class Freeze:
    """Days on which nothing is changed, both included, in the client's zone."""

    first_day: date
    last_day: date
    reason: str


@record
class Schedule:
    """A runbook at recurring times: those of a window, or its own rule and start.

    `rollout` None: the client's.
    """

    id: str
    runbook: str
    hosts: str = "all"
    window: str | None = None
    rrule: str | None = None
    start: time | None = None
    latest_start: timedelta = timedelta(hours=1)
    parameters: dict[str, str] = field(default_factory=dict)
    rollout: Rollout | None = added(None)
