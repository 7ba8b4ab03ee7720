"""A run: what was asked of many hosts, and what each answered."""

from datetime import datetime

from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Interval
from msp_ops.domain.finding import Finding, Measurement
from msp_ops.domain.outcome import Outcome, fold
from msp_ops.domain.plan import Plan
from msp_ops.domain.record import record
from msp_ops.domain.trigger import Trigger


@record
class Evidence:
    """What a host said, redacted and bounded; `cut` counts the bytes that were left out."""

    digest: str
    body: bytes
    cut: int = 0


@record
class StepResult:
    """One step on one host. `exit_code` None: there was none, or nobody knows it."""

    name: str
    outcome: Outcome
    reason: str
    interval: Interval
    exit_code: int | None = None
    evidence: Evidence | None = None
    checks: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    unjudged: tuple[str, ...] = ()


@record
class HostResult:
    """One host of one run; `reason` says in words why it is not simply `succeeded`."""

    host_id: str
    outcome: Outcome
    reason: str
    interval: Interval
    steps: tuple[StepResult, ...] = ()
    defect: str | None = None

    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for step in self.steps for finding in step.findings)


@record
class Resolution:
    """How an `unknown` ended; appended, never overwritten."""

    run_id: str
    host_id: str
    verdict: Outcome
    by: str
    reason: str
    at: datetime


@record
class HostState:
    """A host of a run as any reader sees it, also when the process that ran it is dead.

    `at_work`: a change was meant for it, and its run goes on.
    """

    host_id: str
    outcome: Outcome | None
    reason: str
    result: HostResult | None
    resolution: Resolution | None = None
    at_work: bool = False


@record
class Run:
    """A run as any reader sees it. `outcome` None: it is going on. `abandoned`: it has no end, and its process died."""

    id: str
    plan: Plan
    trigger: Trigger
    actor: Actor
    opened_at: datetime
    ended_at: datetime | None
    hosts: tuple[HostState, ...]
    abandoned: bool = False

    @property
    def outcome(self) -> Outcome | None:
        """The worst host; None while one is still at work."""
        known = [host.outcome for host in self.hosts if host.outcome is not None]
        return fold(known) if len(known) == len(self.hosts) else None

    @property
    def unresolved(self) -> tuple[HostState, ...]:
        return tuple(host for host in self.hosts if host.outcome is Outcome.UNKNOWN)
