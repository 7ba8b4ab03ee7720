"""The runs, hosts and clocks of these tests."""

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import create_engine, text

from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Interval
from msp_ops.domain.finding import Finding, Measurement
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Parcel
from msp_ops.domain.plan import Plan, PlannedHost
from msp_ops.domain.run import Evidence, HostResult, Resolution, StepResult
from msp_ops.domain.trigger import OnDemand
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.store import Store
from msp_ops.store.machine import ProcessIdentity

KIM = Actor(kind="person", name="kim", authenticated_by="unix uid 1000")
NIGHTLY = Actor(kind="schedule", name="nightly", authenticated_by="calendar")
TICKET = OnDemand(ticket="T-7", reason="web shop is down")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class TestClock:
    """Stands still until it is moved."""

    __test__ = False

    def __init__(self, at: datetime = NOON, boot: str = "boot-1") -> None:
        self.at = at
        self.since_boot = timedelta(hours=5)
        self.boot = boot

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> timedelta:
        return self.since_boot

    def boot_id(self) -> str:
        return self.boot

    def move(self, by: timedelta) -> None:
        self.at += by
        self.since_boot += by


class TestMachine:
    """A machine whose processes die when a test says so."""

    __test__ = False

    def __init__(self, dead: set[int], pid: int = 1, namespace: int = 42) -> None:
        self.dead = dead
        self.pid = pid
        self.namespace = namespace

    def this_process(self) -> ProcessIdentity:
        return ProcessIdentity(machine="desk", pid=self.pid, start_ticks=100, pid_namespace=self.namespace)

    def is_there(self, pid: int, start_ticks: int) -> bool:
        return pid not in self.dead


def plan(*hosts: str, client: str = "acme", runbook: str = "fix-service") -> Plan:
    return Plan(
        client_id=client,
        runbook_id=runbook,
        runbook_digest="0" * 64,
        activity="break/fix",
        impact="changes",
        parameters={"service": "nginx"},
        hosts=tuple(
            PlannedHost(id=each, address=f"{each}.example", port=22, host_keys=("ssh-ed25519 AAAA",)) for each in hosts
        ),
        at_once=2,
    )


def interval(start: datetime = NOON, seconds: int = 30) -> Interval:
    length = timedelta(seconds=seconds)
    return Interval(started_at=start, ended_at=start + length, duration=length, boot_id="boot-1")


def said(words: str, cut: int = 0) -> Evidence:
    body = words.encode()
    return Evidence(digest=hashlib.sha256(body).hexdigest(), body=body, cut=cut)


def looked(check: str, *findings: Finding, outcome: Outcome = Outcome.SUCCEEDED, start: datetime = NOON) -> StepResult:
    return StepResult(
        name=check,
        outcome=outcome,
        reason="",
        interval=interval(start),
        checks=(check,),
        findings=findings,
    )


def full(subject: str = "/", severity: str = "warning") -> Finding:
    return Finding(check="disk", subject=subject, severity=severity, message=f"{subject} is 91 % full")


def result(
    host: str, outcome: Outcome = Outcome.SUCCEEDED, *steps: StepResult, start: datetime = NOON, reason: str = ""
) -> HostResult:
    return HostResult(host_id=host, outcome=outcome, reason=reason, interval=interval(start), steps=steps)


def rich_result(host: str) -> HostResult:
    """Every field in use."""
    step = StepResult(
        name="restart",
        outcome=Outcome.FAILED,
        reason="exit code 3",
        interval=interval(),
        exit_code=3,
        evidence=said("Job for nginx.service failed — ß\n", cut=12),
        checks=("disk",),
        changed=("nginx.service",),
        findings=(full(), full("/var", "critical")),
        measurements=(
            Measurement(name="disk./.used", value=Decimal("91.50"), unit="%", at=NOON),
            Measurement(name="load", value=Decimal("0.10"), unit="", at=NOON),
        ),
    )
    return HostResult(
        host_id=host,
        outcome=Outcome.FAILED,
        reason="nginx did not start",
        interval=interval(),
        steps=(looked("load"), step),
        defect=None,
    )


def work(run_id: str, client: str = "acme", hosts: tuple[str, ...] = ("web1",), start: datetime = NOON) -> WorkRecord:
    return WorkRecord(
        id=f"work-{run_id}",
        run_id=run_id,
        client_id=client,
        activity="break/fix",
        host_ids=hosts,
        ticket="T-7",
        person="kim",
        machine=interval(start, 120),
        attended=interval(start, 300),
        flags=(),
    )


def charge(record_id: str) -> Charge:
    return Charge(
        record_id=record_id,
        contract_id="hourly",
        rule="break-fix.hourly",
        reason="15 minutes at 120.00 EUR",
        measured=timedelta(minutes=5),
        billed=timedelta(minutes=15),
        rate=Decimal("120.00"),
        amount=Decimal("30.00"),
        currency="EUR",
    )


def resolution(run_id: str, host: str, verdict: Outcome = Outcome.SUCCEEDED) -> Resolution:
    return Resolution(run_id=run_id, host_id=host, verdict=verdict, by="kim", reason="nginx answers", at=NOON)


def parcel(parcel_id: str, step: str = "restart") -> Parcel:
    return Parcel(id=parcel_id, step=step, run_as="login", timeout=timedelta(minutes=7))


def begin(store: Store, run_id: str, host: str = "web1", parcel_id: str | None = None) -> None:
    """The host is about to be told to act."""
    lease = store.journal.take_host(run_id, host)
    store.journal.intend(run_id, host, parcel(parcel_id or f"{run_id}.{host}"), lease)


def unguarded(url: str) -> None:
    """What somebody does first who may do everything: take away the triggers that guard what is written once."""
    if url.startswith("sqlite"):
        for (name,) in sql(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            sql(url, f"DROP TRIGGER {name}")
    else:
        sql(url, "DROP FUNCTION IF EXISTS msp_ops_written_once() CASCADE")


def sql(url: str, statement: str, **values: object) -> list[tuple]:
    """What somebody with the database's password could do."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.begin() as connection:
            answer = connection.execute(text(statement), values)
            return [tuple(row) for row in answer] if answer.returns_rows else []
    finally:
        engine.dispose()
