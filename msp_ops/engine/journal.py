"""What the engine needs of a journal: intent before act, result with its time in one commit."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from msp_ops.domain.actor import Actor
from msp_ops.domain.approval import Approval
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import HostResult
from msp_ops.domain.trigger import Trigger
from msp_ops.domain.work import Charge, WorkRecord


class Journal(Protocol):
    """Every method returns only after its commit is durable; each raises StoreError when that cannot be."""

    def open_run(self, run_id: str, plan: Plan, trigger: Trigger, actor: Actor) -> None:
        """A run of this process with the plan's hosts, none of them begun."""
        ...

    def take_host(self, run_id: str, host_id: str, peers: Collection[str] = ()) -> Lease:
        """The right to change this host, younger than every one before.

        HostBusy when another run is at work there, or on one of its `peers`: who, what, since when. NotPermitted when
        an earlier run left it `unknown`, or the host has its result already.
        """
        ...

    def intend(self, run_id: str, host_id: str, parcel: Parcel, lease: Lease) -> None:
        """Saved before the host is told to act: from here on, silence means `unknown`.

        NotPermitted when the lease is not, or no longer, the host's; Stopped when a person stopped the run, or all.
        """
        ...

    def record(self, run_id: str, result: HostResult) -> None:
        """Result, evidence, findings, measurements and intervals of one host in one commit.

        Frees the lease unless the result is `unknown`. NotPermitted for ever when the host has its result, the run has
        ended, or another process opened it; a StoreError may pass.
        """
        ...

    def close_run(self, run_id: str, work: WorkRecord, charges: Sequence[Charge]) -> datetime:
        """The end of a run with its time and price in one commit; the moment that is saved as its end."""
        ...

    def prove(self, run_id: str, result: HostResult) -> None:
        """How an `unknown` host ended, as recovery found out, in one commit; frees its lease.

        It becomes the host's result where it has none; else its steps are appended, and a resolution says so.
        NotPermitted when it is not unknown, was resolved already, or its own process is at work on it after all.
        """
        ...

    def ask(self, run_id: str, step: str) -> None:
        """Saved before anybody waits for a word: a word is given for a question that stands. Again changes nothing."""
        ...

    def approval(self, run_id: str, step: str) -> Approval | None:
        """The word that a person gave on that step, if one did."""
        ...

    def leave(self) -> None:
        """Nothing new begins in this process; its open runs are left behind, for recovery at once."""
        ...
