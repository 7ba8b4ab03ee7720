"""Health audits: what is wrong on a client's machines, or soon will be."""

from msp_ops.journeys.occurrences import run_occurrence
from msp_ops.wiring import open_workspace
from prefect import flow
from prefect.client.schemas.objects import State

from flows.states import carry_out


@flow(name="health-audits")
async def health_audits(occurrence: str) -> State[None]:
    """`occurrence`: the id of a planned time in our store; claiming it there is what keeps it from running twice."""
    return await carry_out(lambda: run_occurrence(open_workspace(), occurrence))
