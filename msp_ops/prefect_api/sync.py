"""Bringing Prefect to what was planned; the plan was a value, so it can be shown before."""

from msp_ops.prefect_api.api import PrefectApi
from msp_ops.prefect_api.desired import Changes
from msp_ops.prefect_api.handover import Handover


def apply_changes(changes: Changes, api: PrefectApi) -> None:
    """Removes first: a schedule that moved to another flow keeps its name."""
    for known in changes.remove:
        api.remove_deployment(known)
    for deployment in (*changes.create, *changes.update):
        api.put_deployment(deployment)


def apply_handover(handover: Handover, api: PrefectApi) -> None:
    for run in handover.remove:
        api.remove_run(run)
    for new in handover.create:
        api.create_run(new)


def settle_orphans(api: PrefectApi) -> tuple[str, ...]:
    """Call it before a worker starts: what Prefect then takes for running or submitted has no process any more.

    Prefect itself leaves such runs as they are for ever. What had not begun is scheduled again (its claim in our store
    judges whether it is too late), what had begun is Crashed. The names.
    """
    waiting, begun = api.runs("PENDING"), api.runs("RUNNING", "CANCELLING")
    for run in waiting:
        api.set_state(run, "SCHEDULED", "Scheduled", "the service stopped before this run began")
    for run in begun:
        api.set_state(
            run, "CRASHED", "Crashed", "the service ended during this run; msp-ops runs list knows how far it got"
        )
    return tuple(run.name for run in (*waiting, *begun))
