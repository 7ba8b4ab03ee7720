"""What a client has agreed to pay for. Prices are worked out in `msp_ops.billing`, nowhere else."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from msp_ops.domain.record import record

Activity = Literal["patching", "backup", "health", "break/fix"]
MAINTENANCE: tuple[Activity, ...] = ("patching", "backup", "health")


@record
class Rounding:
    """How measured time becomes billed time: up to the next `increment`, not below `minimum`.

    `grace` is forgiven once before rounding up (field practice: 30-minute steps with 10 minutes' grace).
    """

    increment: timedelta = timedelta(minutes=15)
    minimum: timedelta = timedelta(0)
    grace: timedelta = timedelta(0)


@record
class Scope:
    """What a contract covers; empty means all (of activities: all that the kind of contract is for)."""

    activities: tuple[Activity, ...] = ()
    hosts: tuple[str, ...] = ()


@record
class Managed:
    """A fixed fee for ongoing maintenance and what its scope names."""

    kind: Literal["managed"]
    id: str
    monthly_fee: Decimal
    since: date
    until: date | None = None
    scope: Scope = Scope()


@record
class BlockHours:
    """Hours paid ahead; used up by the work in scope, then charged at the overage rate."""

    kind: Literal["block-hours"]
    id: str
    hours: Decimal
    overage_rate: Decimal
    since: date
    until: date | None = None
    scope: Scope = Scope()
    rounding: Rounding = Rounding()


@record
class BreakFix:
    """Hourly, per ticket, on demand."""

    kind: Literal["break-fix"]
    id: str
    hourly_rate: Decimal
    since: date
    until: date | None = None
    scope: Scope = Scope()
    rounding: Rounding = Rounding()


Contract = Managed | BlockHours | BreakFix
