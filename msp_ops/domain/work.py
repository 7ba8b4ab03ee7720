"""Measured time (WorkRecord) and what it costs (Charge): two things, never one."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from msp_ops.domain.clock import Interval
from msp_ops.domain.contract import Activity
from msp_ops.domain.hours import HourClass
from msp_ops.domain.record import added, record

Place = Literal["remote", "on-site"]
Source = Literal["run", "timer", "hand"]


@record
class Span:
    """From UTC to UTC, in whole seconds; the end is not included."""

    started_at: datetime
    ended_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ended_at - self.started_at


@record
class WorkRecord:
    """The time of one run, of a person's timer, or as a person wrote it down. Immutable; chained by SHA-256.

    `machine` is first host's start to last host's end (forty hosts at night are not forty hours), `hosts_time` the sum
    of the hosts' own; `attended` is the person's own time, None when nobody sat there. `source` says how it was
    measured: only a run has a `run_id`, only `hand` was not measured at all. `noted_at`: when it was written down,
    where no interval says it or a person says it later.

    `flags` are doubts that a person should look at: `clock-stepped` the wall clock moved while it was measured,
    `rebooted` the machine that measured it was restarted, `estimated` its length is no measurement, `long` somebody
    may have forgotten to stop, `hour-assumed` the length and the day were given and not the hour.
    """

    id: str
    run_id: str | None
    client_id: str
    activity: Activity
    host_ids: tuple[str, ...]
    ticket: str | None
    person: str | None
    machine: Interval | None
    attended: Interval | None
    flags: tuple[str, ...] = ()
    source: Source = added("run")
    place: Place = added("remote")
    note: str = added("")
    hosts_time: timedelta | None = added(None)
    noted_at: datetime | None = added(None)

    @property
    def began_at(self) -> datetime | None:
        """When the work began; None when neither it nor its writing down has a time."""
        begun = [interval.started_at for interval in (self.machine, self.attended) if interval is not None]
        return min(begun, default=self.noted_at)


@record
class Timer:
    """A person's own time while it runs, and its end. `started` is the monotonic clock of the boot `boot_id`.

    `cancelled`: why no work record came of it.
    """

    id: str
    person: str
    client_id: str
    activity: Activity
    host_ids: tuple[str, ...]
    ticket: str | None
    place: Place
    note: str
    started_at: datetime
    started: timedelta
    boot_id: str
    ended_at: datetime | None = None
    cancelled: str | None = None


@record
class Charge:
    """A record, or its part in one class of hours, priced by the contract in force: the rule, the reason in words.

    `terms`: the digest of the terms as they were. `rate` is what an hour of `billed` costs, its multiplier in it.
    `drawn`: what is taken off a block, or off the hours that a plan includes. `started_at`: when this part of the work
    began, in UTC. Without a record: a fee. `amount` of a charge is its share of what its rounding group costs, so that
    the charges of a group add up to the group's price to the cent.
    """

    record_id: str | None
    contract_id: str | None
    rule: str
    reason: str
    measured: timedelta
    billed: timedelta
    rate: Decimal
    amount: Decimal
    currency: str
    terms: str | None = added(None)
    hour_class: HourClass = added("business")
    multiplier: Decimal = added(Decimal(1))
    role: str | None = added(None)
    drawn: timedelta = added(timedelta(0))
    tax: str = added("")
    started_at: datetime | None = added(None)
