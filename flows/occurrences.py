"""What the flows of the calendar share: they differ in name, so that Prefect's pages tell them apart."""

from prefect.client.schemas.objects import State

from flows.states import carry_out, why_held
from msp_ops.domain.run import Run
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.occurrences import run_occurrence
from msp_ops.wiring import open_workspace


async def carry_out_occurrence(occurrence: str) -> State[None]:
    """`occurrence`: the id of a planned time in our store; claiming it there is what keeps it from running twice."""
    held = await why_held()

    def work(stopping: Stopping) -> Run:
        with open_workspace() as parts:
            return run_occurrence(parts, occurrence, held, stopping)

    return await carry_out(work)
