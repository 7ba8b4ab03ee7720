"""Which deployments Prefect should have: one a schedule, one a client for its summaries, one for runs on demand."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from msp_ops.domain.client import Client
from msp_ops.domain.contract import Activity
from msp_ops.domain.errors import PlanError
from msp_ops.domain.record import record
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.prefect_api.records import TAG, Deployment, KnownDeployment

ON_DEMAND = "on-demand"
SUMMARIES = "summaries"
FLOWS: dict[Activity, tuple[str, str]] = {
    "patching": ("patching", "flows/patching.py:patching"),
    "backup": ("backup-checks", "flows/backup_checks.py:backup_checks"),
    "health": ("health-audits", "flows/health_audits.py:health_audits"),
}


def deployment_name(client_id: str, schedule_id: str) -> str:
    """`acme--patch-nights`."""
    return f"{client_id}--{schedule_id}"


def desired_deployments(
    clients: Iterable[Client], activities: Mapping[str, Activity], root: Path
) -> tuple[Deployment, ...]:
    """`activities` says what each runbook is for; `root` is the folder that holds `flows/`.

    PlanError names a schedule whose runbook does not exist or is not maintenance.
    """
    found = [_on_demand(root)]
    for client in clients:
        found += [_scheduled(client, schedule, activities, root) for schedule in client.schedules]
        found.append(_summaries(client, root))
    return tuple(found)


def _scheduled(client: Client, schedule: Schedule, activities: Mapping[str, Activity], root: Path) -> Deployment:
    flow, entrypoint = FLOWS[_activity(client, schedule, activities)]
    return Deployment(
        name=deployment_name(client.id, schedule.id),
        flow=flow,
        entrypoint=entrypoint,
        root=str(root),
        takes="occurrence",
        tags=(TAG, f"client:{client.id}"),
        description=f"{schedule.runbook} on {schedule.hosts} of {client.name}; msp-ops' calendar plans each run",
    )


def _activity(client: Client, schedule: Schedule, activities: Mapping[str, Activity]) -> Activity:
    where = f"{client.id}: schedule '{schedule.id}' names runbook '{schedule.runbook}'"
    activity = activities.get(schedule.runbook)
    if activity is None:
        raise PlanError(f"{where}; there are: {listed(activities)}{did_you_mean(schedule.runbook, activities)}")
    if activity not in FLOWS:
        raise PlanError(f"{where}, which is {activity}; only {listed(FLOWS)} run on a schedule")
    return activity


def _summaries(client: Client, root: Path) -> Deployment:
    return Deployment(
        name=deployment_name(client.id, SUMMARIES),
        flow="summaries",
        entrypoint="flows/summaries.py:summaries",
        root=str(root),
        takes="occurrence",
        tags=(TAG, f"client:{client.id}"),
        description=f"the summary of what was done for {client.name}",
    )


def _on_demand(root: Path) -> Deployment:
    return Deployment(
        name=ON_DEMAND,
        flow="on-demand",
        entrypoint="flows/on_demand.py:on_demand",
        root=str(root),
        takes="request",
        tags=(TAG,),
        description="a technician's request that a worker carries out: msp-ops run ... --via-prefect",
    )


@record
class Changes:
    """What would be done to Prefect's deployments; print it, then apply it."""

    create: tuple[Deployment, ...] = ()
    update: tuple[Deployment, ...] = ()
    remove: tuple[KnownDeployment, ...] = ()
    same: tuple[KnownDeployment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.create or self.update or self.remove)

    def lines(self) -> tuple[str, ...]:
        """One a change, and how many stay."""
        return (
            *(f"create {deployment.name}" for deployment in self.create),
            *(f"update {deployment.name}" for deployment in self.update),
            *(f"remove {deployment.name}" for deployment in self.remove),
            f"{len(self.same)} unchanged",
        )


def diff(desired: Iterable[Deployment], existing: Iterable[KnownDeployment], unread: Collection[str] = ()) -> Changes:
    """`existing` are those that carry our tag: what nobody tagged is somebody else's.

    `unread`: clients whose file has a mistake just now. A typo must not take their maintenance away.
    """
    wanted = {(deployment.entrypoint, deployment.name): deployment for deployment in desired}
    known = {(deployment.entrypoint, deployment.name): deployment for deployment in existing}
    changed = {key for key in wanted.keys() & known.keys() if wanted[key].spec != known[key].spec}
    stale = {key for key in known.keys() - wanted.keys() if key[1].partition("--")[0] not in unread}
    return Changes(
        create=tuple(deployment for key, deployment in wanted.items() if key not in known),
        update=tuple(deployment for key, deployment in wanted.items() if key in changed),
        remove=tuple(deployment for key, deployment in known.items() if key in stale),
        same=tuple(deployment for key, deployment in known.items() if key not in changed | stale),
    )
