"""One host of one run: the smallest thing that a summary counts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msp_ops.domain.client import Client, Host
from msp_ops.domain.contract import Activity
from msp_ops.domain.finding import Finding, Measurement
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record
from msp_ops.domain.run import HostState, Run, StepResult
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.trigger import OnDemand
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.reports.words import clip

Work = Sequence[tuple[WorkRecord, Sequence[Charge]]]


@record
class Visit:
    """A host of a run, with what the run was for."""

    run: Run
    activity: Activity
    host_id: str
    outcome: Outcome | None
    steps: tuple[StepResult, ...]
    at: datetime

    @property
    def looked(self) -> bool:
        """Whether anything at all is known from it; everything else counts as not checked."""
        return self.outcome in {Outcome.SUCCEEDED, Outcome.FAILED}

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for step in self.steps for finding in step.findings)

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        return tuple(measurement for step in self.steps for measurement in step.measurements)

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(line for step in self.steps for line in step.changed)

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(check for step in self.steps for check in step.checks))

    @property
    def ticket(self) -> str | None:
        return self.run.trigger.ticket if isinstance(self.run.trigger, OnDemand) else None

    @property
    def is_problem(self) -> bool:
        return self.activity == "break/fix" or self.ticket is not None


def visits(runs: Iterable[Run], runbooks: Mapping[str, Runbook], work: Work) -> tuple[Visit, ...]:
    """All hosts of all runs in the order of their ends."""
    recorded = {record.run_id: record.activity for record, _ in work if record.run_id}
    return tuple(
        sorted(
            (_visit(run, activity_of(run, runbooks, recorded), state) for run in runs for state in run.hosts),
            key=lambda visit: (visit.at, visit.run.id, visit.host_id),
        )
    )


def activity_of(run: Run, runbooks: Mapping[str, Runbook], recorded: Mapping[str, Activity]) -> Activity:
    """What the run was for: its runbook says it; of a runbook that is gone, its work record."""
    runbook = runbooks.get(run.plan.runbook_id)
    if runbook:
        return runbook.activity
    return recorded.get(run.id, "break/fix" if isinstance(run.trigger, OnDemand) else "health")


def _visit(run: Run, activity: Activity, state: HostState) -> Visit:
    result = state.result
    return Visit(
        run=run,
        activity=activity,
        host_id=state.host_id,
        outcome=state.resolution.verdict if state.resolution else state.outcome,
        steps=result.steps if result else (),
        at=result.interval.ended_at if result else run.ended_at or run.opened_at,
    )


def about(client: Client, host: Host) -> str:
    """What a machine is, in a few words: its roles and where it stands."""
    roles = ", ".join(role.replace("-", " ") for role in host.roles)
    site = client.site_of(host.id).name if len(client.sites) > 1 else ""
    return clip(" · ".join(part for part in (roles, site) if part))
