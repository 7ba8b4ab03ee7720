"""What is asked (Plan), whether it may happen now (Permit), how the hosts look before (Preview)."""

from msp_ops.domain.canonical import digest
from msp_ops.domain.contract import Activity
from msp_ops.domain.record import added, record
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.runbook import Impact, Runbook


@record
class PlannedHost:
    """A host as it will be reached, and when: its pinned keys and its place are part of what is agreed to."""

    id: str
    address: str
    port: int
    host_keys: tuple[str, ...]
    ring: int = added(1)
    group: str | None = added(None)


@record
class PlannedFile:
    """What a file that a parameter names held when the plan was made; `sha256` in hex."""

    parameter: str
    sha256: str


@record
class Plan:
    """Exactly what would run, as a value; making it touches no host.

    It holds what the run's end needs: by then its runbook may have left the library. `rollout` None: no host waits
    for another, as in a run that only looks. `undoes`: the run whose changes are taken back. `files`: those that
    parameters name. `secrets`: the parameters that are references to one.
    """

    client_id: str
    runbook_id: str
    runbook_digest: str
    activity: Activity
    impact: Impact
    parameters: dict[str, str]
    hosts: tuple[PlannedHost, ...]
    at_once: int
    rollout: Rollout | None = added(None)
    undoes: str | None = added(None)
    files: tuple[PlannedFile, ...] = added(())
    secrets: tuple[str, ...] = added(())

    @property
    def digest(self) -> str:
        """Stable across processes: what an approval signs."""
        return digest(self)

    def as_run(self, runbook: Runbook) -> Runbook:
        """That runbook as this plan runs it: forwards, or back."""
        return runbook.undoing() if self.undoes else runbook

    def host_ids(self) -> tuple[str, ...]:
        return tuple(host.id for host in self.hosts)


@record
class Refusal:
    """One reason why not now; `host_id` None: the whole plan."""

    host_id: str | None
    reason: str


@record
class Permit:
    """Judged at the start and again per host; outside the plan's digest because it depends on the moment."""

    refusals: tuple[Refusal, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def granted(self) -> bool:
        return not any(refusal.host_id is None for refusal in self.refusals)

    def refused(self, host_id: str) -> str | None:
        """Why this host must not begin, or None."""
        return next((refusal.reason for refusal in self.refusals if refusal.host_id == host_id), None)


@record
class Preview:
    """One host's read-only answer to: what would change?"""

    host_id: str
    reached: bool
    lines: tuple[str, ...]
