"""Patch nights: a client's machines brought up to date inside their window."""

from msp_ops.journeys.occurrences import run_occurrence
from msp_ops.wiring import open_workspace
from prefect import flow
from prefect.client.schemas.objects import State

from flows.states import carry_out


@flow(name="patching")
async def patching(occurrence: str) -> State[None]:
    """`occurrence`: the id of a planned time in our store; claiming it there is what keeps it from running twice."""
    return await carry_out(lambda: run_occurrence(open_workspace(), occurrence))
