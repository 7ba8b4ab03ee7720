"""What the engine needs of a journal: intent before act, result with its time in one commit."""

from collections.abc import Sequence
from typing import Protocol

from msp_ops.domain.actor import Actor
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import HostResult
from msp_ops.domain.trigger import Trigger
from msp_ops.domain.work import Charge, WorkRecord


class Journal(Protocol):
    """Every method returns only after its commit is durable; each raises StoreError when that cannot be."""

    def open_run(self, run_id: str, plan: Plan, trigger: Trigger, actor: Actor) -> None:
        """A run of this process with the plan's hosts, none of them begun."""
        ...

    def take_host(self, run_id: str, host_id: str) -> int:
        """The lease to change this host: its fencing token.

        NotPermitted when another run holds it or an earlier run of it is `unknown`: who, what, since when.
        """
        ...

    def intend(self, run_id: str, host_id: str, step: str, parcel_id: str) -> None:
        """Saved before the host is told to act: from here on, silence means `unknown`."""
        ...

    def record(self, run_id: str, result: HostResult) -> None:
        """Result, evidence, findings, measurements and intervals of one host in one commit.

        Frees the lease unless the result is `unknown`. A second result for a host is refused: StoreError.
        """
        ...

    def close_run(self, run_id: str, work: WorkRecord, charges: Sequence[Charge]) -> None:
        """The end of a run with its time and price in one commit."""
        ...
