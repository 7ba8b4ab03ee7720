"""Why a run happens: data on the run, never a second path through the code."""

from typing import Literal

from msp_ops.domain.record import record


@record
class Scheduled:
    """The calendar's occurrence."""

    kind: Literal["scheduled"] = "scheduled"
    occurrence: str


@record
class OnDemand:
    """A person asked."""

    kind: Literal["on-demand"] = "on-demand"
    ticket: str | None
    reason: str


@record
class Event:
    """Something outside told us."""

    kind: Literal["event"] = "event"
    source: str
    key: str


Trigger = Scheduled | OnDemand | Event
