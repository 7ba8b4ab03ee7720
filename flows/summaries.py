"""Summaries: what was done for a client last month, written from the store."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.states import carry_out, why_held
from msp_ops.domain.errors import NotPermitted
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.summaries import summarise_due
from msp_ops.wiring import open_workspace


@flow(name="summaries")
async def summaries(occurrence: str) -> State[None]:
    """Write the summary that a planned time stands for."""
    held = await why_held()

    def work(_stopping: Stopping) -> str:
        if held:
            raise NotPermitted(held)
        with open_workspace() as parts:
            return f"written: {summarise_due(parts, occurrence)}"

    return await carry_out(work)
