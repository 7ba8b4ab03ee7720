"""What a client has agreed to pay for. Prices are worked out in `msp_ops.billing`, nowhere else."""

from dataclasses import field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from msp_ops.domain.hours import HourClass
from msp_ops.domain.record import record

Activity = Literal["patching", "backup", "health", "break/fix"]
MAINTENANCE: tuple[Activity, ...] = ("patching", "backup", "health")


@record
class Rounding:
    """How measured time becomes billed time: up to the next `increment`, not below `minimum`.

    `grace` is forgiven once before rounding up (field practice: 30-minute steps with 10 minutes' grace). `scope`: what
    is added up before it is rounded: each entry by itself, all of a ticket, or all of a day in the client's zone.
    """

    increment: timedelta = timedelta(minutes=15)
    minimum: timedelta = timedelta(0)
    grace: timedelta = timedelta(0)
    scope: Literal["entry", "ticket", "day"] = "entry"


@record
class Scope:
    """What a contract covers; empty means all (of activities: all that the kind of contract is for)."""

    activities: tuple[Activity, ...] = ()
    hosts: tuple[str, ...] = ()


@record
class OnSite:
    """What work at the client's place costs otherwise than from afar; None: the same.

    The rate stands in place of the hourly one and of a role's.
    """

    hourly_rate: Decimal | None = None
    increment: timedelta | None = None
    minimum: timedelta | None = None
    grace: timedelta | None = None


@record
class Agreed:
    """What contracts of all kinds say.

    `multipliers` of the hourly rate by hour class (left out: 1), `role_rates` instead of the hourly rate by the role of
    who worked, `tax`: the label on the statement; amounts are before tax.
    """

    id: str
    since: date
    until: date | None = None
    scope: Scope = Scope()
    rounding: Rounding = Rounding()
    multipliers: dict[HourClass, Decimal] = field(default_factory=dict)
    role_rates: dict[str, Decimal] = field(default_factory=dict)
    on_site: OnSite = OnSite()
    tax: str = ""


@record
class Managed(Agreed):
    """A fixed fee for ongoing maintenance and what its scope names.

    `covered_hours`: hour classes in which it is covered (empty: all), `included_hours` of a calendar month (None: all);
    what lies beyond either costs the overage rate.
    """

    kind: Literal["managed"]
    monthly_fee: Decimal
    covered_hours: tuple[HourClass, ...] = ()
    included_hours: Decimal | None = None
    overage_rate: Decimal | None = None


@record
class BlockHours(Agreed):
    """Hours paid ahead; used up by the work in scope, an hour drawn as its class's multiplier, then the overage rate.

    `per` month: new hours each calendar month, of what is left at most `rollover_cap` goes into the next. `until` is
    the day on which what is left expires. `price`: of the block (each month's, where it is by the month).
    """

    kind: Literal["block-hours"]
    hours: Decimal
    overage_rate: Decimal
    per: Literal["once", "month"] = "once"
    rollover_cap: Decimal = Decimal(0)
    price: Decimal = Decimal(0)


@record
class BreakFix(Agreed):
    """Hourly, per ticket, on demand."""

    kind: Literal["break-fix"]
    hourly_rate: Decimal


Contract = Managed | BlockHours | BreakFix
