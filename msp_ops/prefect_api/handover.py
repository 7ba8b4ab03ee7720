"""Our calendar's occurrences as Prefect's scheduled runs: each planned one once, at its time, and no other."""

from collections.abc import Iterable, Mapping
from datetime import UTC, timedelta

from msp_ops.domain.occurrence import Occurrence, OccurrenceState
from msp_ops.domain.record import record
from msp_ops.prefect_api.desired import deployment_name
from msp_ops.prefect_api.records import KnownDeployment, KnownRun, NewRun

# Prefect began a run 62 ms before its time (measured, 3.8.8): before a window opens, and the night would be lost
NEVER_EARLY = timedelta(seconds=1)


@record
class Handover:
    """What is missing in Prefect and what is there no longer needed. Remove first: a run that goes frees its key."""

    remove: tuple[KnownRun, ...] = ()
    create: tuple[NewRun, ...] = ()
    homeless: tuple[Occurrence, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.remove or self.create)

    def lines(self) -> tuple[str, ...]:
        return (
            *(f"remove {run.name}" for run in self.remove),
            *(f"plan {run.name}" for run in self.create),
            *(
                f"no deployment {deployment_name(each.client_id, each.schedule_id)}: msp-ops schedules sync"
                for each in self.homeless
            ),
        )


def plan_handover(
    occurrences: Iterable[Occurrence], runs: Iterable[KnownRun], deployments: Iterable[KnownDeployment]
) -> Handover:
    """`occurrences`: ours in any state; `runs`: Prefect's that have not begun.

    An occurrence without its deployment is `homeless`: nothing is made for it and somebody must hear of it.
    """
    homes = {deployment.name: deployment for deployment in deployments}
    planned = [each for each in occurrences if each.state is OccurrenceState.PLANNED]
    wanted = {each.id: new_run(each, homes[name]) for each in planned if (name := _home(each)) in homes}
    ours = [run for run in runs if run.is_handed_over]
    there = {run.key for run in ours if _fits(run, wanted)}
    return Handover(
        remove=tuple(run for run in ours if run.state_type == "SCHEDULED" and not _fits(run, wanted)),
        create=tuple(run for key, run in wanted.items() if key not in there),
        homeless=tuple(each for each in planned if each.id not in wanted),
    )


def new_run(occurrence: Occurrence, home: KnownDeployment) -> NewRun:
    """`acme patch-nights 2026-11-28 21:00Z`: Prefect's list shows the moment, so the name does too."""
    moment = occurrence.planned_at.astimezone(UTC)
    return NewRun(
        deployment_id=home.id,
        takes="occurrence",
        key=occurrence.id,
        name=f"{occurrence.client_id} {occurrence.schedule_id} {moment:%Y-%m-%d %H:%MZ}",
        planned_at=occurrence.planned_at + NEVER_EARLY,
    )


def _home(occurrence: Occurrence) -> str:
    return deployment_name(occurrence.client_id, occurrence.schedule_id)


def _fits(run: KnownRun, wanted: Mapping[str, NewRun]) -> bool:
    """Whether it is the planned one, still where and when it was put: a run moved by hand is put back."""
    right = wanted.get(run.key)
    return right is not None and run.deployment_id == right.deployment_id and run.planned_at == right.planned_at
