"""Every start says what is unknown on which hosts, and what to do about it."""

from typing import TYPE_CHECKING

from msp_ops.cli.talk import say
from msp_ops.domain.errors import MspOpsError

if TYPE_CHECKING:
    from msp_ops.domain.run import Run
    from msp_ops.journeys.parts import Parts

SHOWN = 5


def tell_leftovers(parts: "Parts") -> None:
    """On standard error, one line a run. Only tells: no command fails, or writes, because of an older run."""
    try:
        unresolved = parts.store.runs.unresolved()
        order = parts.store.stops.standing(None)
    except MspOpsError as problem:
        say(f"Whether older runs left a host unknown could not be read: {problem}", "yellow")
        return
    if order is not None:
        since = f"{order.at:%Y-%m-%d %H:%M}Z"
        say(
            f"Everything is stopped since {since} by {order.by}: {order.reason}. To go on: msp-ops stop-all --lift",
            "red",
        )
    for run in unresolved[:SHOWN]:
        _tell(run)
    if len(unresolved) > SHOWN:
        say(f"Unknown: {len(unresolved) - SHOWN} more runs. Look: msp-ops runs list --unknown", "yellow")


def _tell(run: "Run") -> None:
    hosts = ", ".join(host.host_id for host in run.unresolved)
    say(
        f"Unknown: nobody knows yet how run {run.id} ({run.plan.runbook_id}) ended on {run.plan.client_id}/{hosts}. "
        f"Ask the hosts: msp-ops recover {run.id}",
        "yellow",
    )
