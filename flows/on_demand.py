"""On demand: a technician's request that a worker carries out."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.states import carry_out
from msp_ops.domain.run import Run
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.requests import run_request
from msp_ops.wiring import open_workspace


@flow(name="on-demand")
async def on_demand(request: str) -> State[None]:
    """`request`: the id of a request in our store; taking it there is what keeps it from running twice."""

    def work(stopping: Stopping) -> Run:
        with open_workspace() as parts:
            return run_request(parts, request, stopping)

    return await carry_out(work)
