"""Every start says what an earlier process left unknown, and what to do about it."""

from typing import TYPE_CHECKING

from msp_ops.cli.talk import say
from msp_ops.journeys.resolve import left_open

if TYPE_CHECKING:
    from msp_ops.journeys.parts import Parts


def tell_leftovers(parts: "Parts") -> None:
    """On standard error, one line a run."""
    for run in left_open(parts):
        hosts = ", ".join(host.host_id for host in run.unresolved)
        say(
            f"Unknown: run {run.id} ({run.plan.runbook_id}) ended without a word on {run.plan.client_id}/{hosts}. "
            f"Look: msp-ops runs show {run.id}",
            "yellow",
        )
