"""The clients of these tests: acme is managed, borealis pays by the hour, cobalt paid ahead."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from msp_ops.domain.client import Client
from msp_ops.domain.clock import Interval
from msp_ops.domain.contract import Activity, BlockHours, BreakFix, Contract, Managed, Rounding, Scope
from msp_ops.domain.work import WorkRecord

CARE = Managed(kind="managed", id="care", monthly_fee=Decimal(890), since=date(2026, 1, 1))
HOURLY = BreakFix(kind="break-fix", id="hourly", hourly_rate=Decimal("95.00"), since=date(2026, 1, 1))
BLOCK = BlockHours(
    kind="block-hours", id="block-2026", hours=Decimal(20), overage_rate=Decimal(120), since=date(2026, 1, 1)
)
MORNING = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def client(contracts: Iterable[Contract], *, timezone: str = "Europe/Berlin", currency: str = "EUR") -> Client:
    return Client(
        id="acme",
        name="Acme",
        timezone=timezone,
        currency=currency,
        sites=(),
        contracts=tuple(contracts),
        credentials={},
    )


def hourly(rounding: Rounding, rate: str = "95.00") -> BreakFix:
    return BreakFix(kind="break-fix", id="hourly", hourly_rate=Decimal(rate), since=date(2026, 1, 1), rounding=rounding)


def care_of(*, activities: tuple[Activity, ...] = (), hosts: tuple[str, ...] = ()) -> Managed:
    scope = Scope(activities=activities, hosts=hosts)
    return Managed(kind="managed", id="care", monthly_fee=Decimal(890), since=date(2026, 1, 1), scope=scope)


def interval(duration: timedelta, started_at: datetime = MORNING) -> Interval:
    return Interval(started_at=started_at, ended_at=started_at + duration, duration=duration, boot_id="b1")


def work(
    machine: timedelta | None = timedelta(minutes=4),
    attended: timedelta | None = None,
    *,
    activity: Activity = "patching",
    hosts: tuple[str, ...] = ("web1",),
    flags: tuple[str, ...] = (),
    started_at: datetime = MORNING,
) -> WorkRecord:
    return WorkRecord(
        id="w1",
        run_id="r1",
        client_id="acme",
        activity=activity,
        host_ids=hosts,
        ticket=None if attended is None else "T-7",
        person=None if attended is None else "kim",
        machine=None if machine is None else interval(machine, started_at),
        attended=None if attended is None else interval(attended, started_at),
        flags=flags,
    )
