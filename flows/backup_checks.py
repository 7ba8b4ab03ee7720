"""Backup checks: is there a backup, is it young enough, can it be restored."""

from msp_ops.journeys.occurrences import run_occurrence
from msp_ops.wiring import open_workspace
from prefect import flow
from prefect.client.schemas.objects import State

from flows.states import carry_out


@flow(name="backup-checks")
async def backup_checks(occurrence: str) -> State[None]:
    """`occurrence`: the id of a planned time in our store; claiming it there is what keeps it from running twice."""
    return await carry_out(lambda: run_occurrence(open_workspace(), occurrence))
