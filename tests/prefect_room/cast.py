"""The cast: a client with schedules, moments, runs as values, and this machine's clock."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msp_ops.domain.actor import Actor
from msp_ops.domain.client import Client
from msp_ops.domain.contract import Activity
from msp_ops.domain.occurrence import Occurrence, OccurrenceState
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import HostState, Run
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.trigger import Scheduled
from msp_ops.prefect_api.handover import NEVER_EARLY
from msp_ops.prefect_api.records import Deployment, KnownDeployment, KnownRun

ROOT = Path("/srv/msp-ops")
ACTIVITIES: dict[str, Activity] = {
    "patch-linux": "patching",
    "backup-check": "backup",
    "health-audit": "health",
    "fix-service": "break/fix",
}
PATCH_NIGHTS = Schedule(id="patch-nights", runbook="patch-linux", hosts="role:web", window="nights")
BACKUPS = Schedule(id="backups", runbook="backup-check")
AUDITS = Schedule(id="audits", runbook="health-audit")
NIGHT = datetime(2026, 11, 28, 21, tzinfo=UTC)


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  # this is the clock

    def elapsed(self) -> timedelta:
        return timedelta(0)

    def boot_id(self) -> str:
        return "boot"


def client(client_id: str = "acme", *schedules: Schedule) -> Client:
    return Client(
        id=client_id,
        name=client_id.capitalize(),
        timezone="Europe/Berlin",
        currency="EUR",
        sites=(),
        contracts=(),
        credentials={},
        schedules=schedules,
    )


def occurrence(
    key: str = "o-1",
    *,
    at: datetime = NIGHT,
    state: OccurrenceState = OccurrenceState.PLANNED,
    schedule: str = "audits",
) -> Occurrence:
    return Occurrence(
        id=key,
        client_id="acme",
        schedule_id=schedule,
        planned_at=at,
        latest_start_at=at + timedelta(hours=1),
        state=state,
    )


def known(deployment: Deployment, *, key: str = "d-1", paused: bool = False) -> KnownDeployment:
    return KnownDeployment(
        id=key, name=deployment.name, entrypoint=deployment.entrypoint, spec=deployment.spec, paused=paused
    )


def known_run(key: str = "o-1", *, home: str = "d-1", at: datetime = NIGHT, state: str = "SCHEDULED") -> KnownRun:
    return KnownRun(
        id=f"run-{key}",
        name=f"run of {key}",
        key=key,
        occurrence=key,
        deployment_id=home,
        state_type=state,
        state_name=state.capitalize(),
        message="",
        planned_at=at + NEVER_EARLY,
    )


def run_of(**hosts: Outcome | None) -> Run:
    plan = Plan(
        client_id="acme",
        runbook_id="patch-linux",
        runbook_digest="0" * 64,
        activity="patching",
        impact="changes",
        parameters={},
        hosts=(),
        at_once=2,
    )
    return Run(
        id="run-1",
        plan=plan,
        trigger=Scheduled(occurrence="o-1"),
        actor=Actor(kind="schedule", name="audits", authenticated_by="calendar"),
        opened_at=NIGHT,
        ended_at=None,
        hosts=tuple(
            HostState(host_id=name, outcome=outcome, reason=f"{name} said so", result=None)
            for name, outcome in hosts.items()
        ),
    )


def is_running(pid: int) -> bool:
    """Neither gone nor a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z" and os.getpid() != pid
