"""The clients of these tests, and moments as they are written."""

from datetime import UTC, date, datetime, time, timedelta

from msp_ops.domain.client import Client
from msp_ops.domain.runbook import Impact, Runbook
from msp_ops.domain.schedule import Freeze, Schedule, Window

SATURDAY_NIGHT = Window(id="sat-night", rrule="FREQ=MONTHLY;BYDAY=2SA", start=time(22), duration=timedelta(hours=4))
CHRISTMAS = Freeze(first_day=date(2026, 12, 20), last_day=date(2027, 1, 2), reason="Christmas trade")
PATCHING = Schedule(id="patching", runbook="patch-linux", window="sat-night")
AUDIT = Schedule(id="audit", runbook="health-audit", rrule="FREQ=DAILY", start=time(6))


def acme(timezone: str = "Europe/Berlin") -> Client:
    return Client(
        id="acme",
        name="Acme",
        timezone=timezone,
        currency="EUR",
        sites=(),
        contracts=(),
        credentials={},
        windows=(SATURDAY_NIGHT,),
        freezes=(CHRISTMAS,),
        schedules=(PATCHING, AUDIT),
    )


def utc(text: str) -> datetime:
    """`2026-12-12 21:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def runbook(impact: Impact = "changes") -> Runbook:
    return Runbook(
        id="patch-linux",
        title="Patch Linux",
        activity="patching",
        impact=impact,
        steps=(),
        client_sentence="Security updates were installed.",
        parameters={},
        scripts={},
        digest="0" * 64,
    )
