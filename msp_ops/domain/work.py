"""Measured time (WorkRecord) and what it costs (Charge): two things, never one."""

from datetime import timedelta
from decimal import Decimal

from msp_ops.domain.clock import Interval
from msp_ops.domain.contract import Activity
from msp_ops.domain.record import record


@record
class WorkRecord:
    """The time of one run. Immutable; chained by SHA-256 to the one before.

    `machine` is first host's start to last host's end (forty hosts at night are not forty hours);
    `attended` is the person's own time, None when nobody sat there.
    """

    id: str
    run_id: str
    client_id: str
    activity: Activity
    host_ids: tuple[str, ...]
    ticket: str | None
    person: str | None
    machine: Interval | None
    attended: Interval | None
    flags: tuple[str, ...] = ()


@record
class Charge:
    """A record priced by the contract in force, with the rule and the reason in words."""

    record_id: str
    contract_id: str | None
    rule: str
    reason: str
    measured: timedelta
    billed: timedelta
    rate: Decimal
    amount: Decimal
    currency: str
