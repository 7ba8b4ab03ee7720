"""On demand: a technician's request that a worker carries out, because this machine cannot reach the hosts."""

from msp_ops.journeys.requests import run_request
from msp_ops.wiring import open_workspace
from prefect import flow
from prefect.client.schemas.objects import State

from flows.states import carry_out


@flow(name="on-demand")
async def on_demand(request: str) -> State[None]:
    """`request`: the id of a request in our store; taking it there is what keeps it from running twice."""
    return await carry_out(lambda: run_request(open_workspace(), request))
