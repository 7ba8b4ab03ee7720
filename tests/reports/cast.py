"""Two clients and their November: acme is managed and in Berlin, borealis pays by the hour in New York."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from msp_ops.domain.actor import Actor
from msp_ops.domain.client import Client, Host, Recipient, Site
from msp_ops.domain.clock import Interval
from msp_ops.domain.contract import BreakFix, Managed, Scope
from msp_ops.domain.finding import Finding, Measurement, TrackedFinding
from msp_ops.domain.msp import Msp
from msp_ops.domain.occurrence import Occurrence
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.plan import Plan, PlannedHost
from msp_ops.domain.run import Evidence, HostResult, HostState, Run, StepResult
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Schedule, Window
from msp_ops.domain.trigger import OnDemand, Scheduled
from msp_ops.domain.work import Charge, WorkRecord

NOVEMBER = date(2026, 11, 1)
PREPARED_AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NORTHWIND = Msp(name="Northwind IT", contact="help@northwind-it.example")
CALENDAR = Actor(kind="schedule", name="calendar", authenticated_by="store")
KIM = Actor(kind="person", name="kim", authenticated_by="socket")


def book(runbook_id, title, activity, impact, sentence):
    return Runbook(
        id=runbook_id,
        title=title,
        activity=activity,
        impact=impact,
        steps=(),
        client_sentence=sentence,
        parameters={},
        scripts={},
        digest="0" * 64,
    )


RUNBOOKS = {
    runbook.id: runbook
    for runbook in (
        book(
            "patch-linux",
            "Install pending updates",
            "patching",
            "changes",
            "Installed the latest updates and checked that every service still runs.",
        ),
        book(
            "check-backup-restic",
            "Prove a restic backup",
            "backup",
            "read-only",
            "Made sure that the latest backup is there, is recent, and that its data can be read back.",
        ),
        book(
            "check-backup-postgres",
            "Prove PostgreSQL dumps",
            "backup",
            "read-only",
            "Made sure that the latest database dumps are there, are recent, and can be read to their end.",
        ),
        book(
            "audit-health",
            "Audit the health of a host",
            "health",
            "read-only",
            "Looked at load, memory, disks, services, updates, certificates and clock.",
        ),
        book(
            "fix-service",
            "Bring a service back",
            "break/fix",
            "changes",
            "Brought a stopped service back and watched that it stays up.",
        ),
        book(
            "fix-disk-full",
            "Make room on a full disk",
            "break/fix",
            "changes",
            "Made room on a full disk and left your data untouched.",
        ),
    )
}


def host(host_id, *roles):
    return Host(id=host_id, address="192.0.2.1", roles=roles)


ACME = Client(
    id="acme",
    name="Acme Dental",
    timezone="Europe/Berlin",
    currency="EUR",
    sites=(
        Site(
            id="berlin",
            name="Berlin",
            hosts=(
                host("web1", "web-server"),
                host("db1", "database"),
                host("fs1", "file-server"),
                host("mail1", "mail"),
            ),
        ),
    ),
    contracts=(
        Managed(
            kind="managed",
            id="care",
            monthly_fee=Decimal("480.00"),
            since=date(2026, 1, 1),
            scope=Scope(activities=("patching", "backup", "health")),
        ),
        BreakFix(kind="break-fix", id="hourly", hourly_rate=Decimal("95.00"), since=date(2026, 1, 1)),
    ),
    credentials={},
    windows=(Window(id="night", rrule="FREQ=MONTHLY;BYDAY=2SA,4SA", start=time(22), duration=timedelta(hours=4)),),
    schedules=(
        Schedule(id="updates", runbook="patch-linux", window="night"),
        Schedule(id="files", runbook="check-backup-restic", hosts="fs1", rrule="FREQ=DAILY", start=time(6, 30)),
        Schedule(id="dumps", runbook="check-backup-postgres", hosts="db1", rrule="FREQ=DAILY", start=time(6, 40)),
        Schedule(id="health", runbook="audit-health", rrule="FREQ=WEEKLY;BYDAY=MO", start=time(7)),
    ),
    recipients=(Recipient(name="Priya Finch", email="priya@acme.example"),),
)

BOREALIS = Client(
    id="borealis",
    name="Borealis Print Shop",
    timezone="America/New_York",
    currency="USD",
    sites=(Site(id="shop", name="Shop", hosts=(host("pos1", "till"), host("print1", "print-server"))),),
    contracts=(BreakFix(kind="break-fix", id="hourly", hourly_rate=Decimal("120.00"), since=date(2026, 1, 1)),),
    credentials={},
)


def interval(start_at, length):
    start = start_at.astimezone(UTC)
    return Interval(started_at=start, ended_at=start + length, duration=length, boot_id="b1")


def measured(name, value, unit, at):
    return Measurement(name=name, value=Decimal(value), unit=unit, at=at)


def answered(host_id, start_at, outcome=Outcome.SUCCEEDED, reason="", **step):
    """A host that answered, in one step."""
    took = interval(start_at, timedelta(minutes=4, seconds=12))
    evidence = Evidence(digest=f"{host_id}-{start_at:%d%H%M}", body=b"")
    only = StepResult(name="step", outcome=outcome, reason=reason, interval=took, evidence=evidence, **step)
    result = HostResult(host_id=host_id, outcome=outcome, reason=reason, interval=took, steps=(only,))
    return HostState(host_id=host_id, outcome=outcome, reason=reason, result=result)


def silent(host_id, outcome=Outcome.NOT_REACHED, reason="192.0.2.1:22: no route to host"):
    """A host of which nothing is known."""
    return HostState(host_id=host_id, outcome=outcome, reason=reason, result=None)


def run_of(client, runbook_id, start_at, *states, trigger=None, length=timedelta(minutes=25)):
    runbook = RUNBOOKS[runbook_id]
    start = start_at.astimezone(UTC)
    return Run(
        id=f"{client.id}-{start:%Y%m%d-%H%M}-{runbook_id}",
        plan=Plan(
            client_id=client.id,
            runbook_id=runbook_id,
            runbook_digest=runbook.digest,
            activity=runbook.activity,
            impact=runbook.impact,
            parameters={},
            hosts=tuple(PlannedHost(id=state.host_id, address="192.0.2.1", port=22, host_keys=()) for state in states),
            at_once=5,
        ),
        trigger=trigger or Scheduled(occurrence="o1"),
        actor=KIM if trigger else CALENDAR,
        opened_at=start,
        ended_at=start + length,
        hosts=states,
    )


def fixed(client, runbook_id, start_at, ticket, reason, *states):
    return run_of(client, runbook_id, start_at, *states, trigger=OnDemand(ticket=ticket, reason=reason))


def work_of(client, run, measured, rule, reason, *, contract, billed=timedelta(0), rate="0", amount="0.00"):
    runbook = RUNBOOKS[run.plan.runbook_id]
    span = interval(run.opened_at, measured)
    attended = run.actor.is_person
    record = WorkRecord(
        id=f"w-{run.id}",
        run_id=run.id,
        client_id=client.id,
        activity=runbook.activity,
        host_ids=run.plan.host_ids(),
        ticket=run.trigger.ticket if isinstance(run.trigger, OnDemand) else None,
        person=run.actor.name if attended else None,
        machine=None if attended else span,
        attended=span if attended else None,
    )
    charge = Charge(
        record_id=record.id,
        contract_id=contract,
        rule=rule,
        reason=reason,
        measured=measured,
        billed=billed,
        rate=Decimal(rate),
        amount=Decimal(amount),
        currency=client.currency,
    )
    return record, (charge,)


def covered(run, minutes=6):
    activity = RUNBOOKS[run.plan.runbook_id].activity
    reason = f"{activity} is in the plan 'care'"
    return work_of(ACME, run, timedelta(minutes=minutes), "managed.covered", reason, contract="care")


def tracked(client, host_id, check, subject, *, severity, message, opened_at, closed_at=None):
    return TrackedFinding(
        client_id=client.id,
        host_id=host_id,
        finding=Finding(check=check, subject=subject, severity=severity, message=message),
        opened_at=opened_at,
        opened_by="r1",
        last_seen_at=opened_at,
        last_seen_by="r1",
        closed_at=closed_at,
    )


def in_berlin(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def in_new_york(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK)


def occurrence(schedule_id, planned_at):
    planned = planned_at.astimezone(UTC)
    return Occurrence(
        id=f"{schedule_id}-{planned:%Y%m%d}",
        client_id="acme",
        schedule_id=schedule_id,
        planned_at=planned,
        latest_start_at=planned + timedelta(hours=1),
    )
