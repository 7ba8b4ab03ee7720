"""The one way from a flow to a journey and back: our words become Prefect's states here and nowhere else."""

import asyncio
from collections.abc import Callable

from prefect import get_client, get_run_logger
from prefect.client.schemas.objects import State, StateType
from prefect.runtime import deployment

from msp_ops.domain.errors import MspOpsError
from msp_ops.domain.run import Run
from msp_ops.engine.stopping import Stopping
from msp_ops.prefect_api.endings import Ending, ending_of, ending_of_refusal, host_lines


async def carry_out(work: Callable[[Stopping], Run | str]) -> State[None]:
    """In a thread, so that the loop stays free for Prefect's heartbeat. A defect is raised: Prefect shows it.

    `work` returns a run, or in words what was done. Prefect's SIGTERM, a cancel or an end of the worker, makes it
    leave within seconds: what runs on the hosts runs on, and recovery asks for it.
    """
    stopping = Stopping()
    try:
        done = await asyncio.to_thread(work, stopping)
    except asyncio.CancelledError:
        stopping.leave("Prefect ended the flow")
        raise
    except MspOpsError as error:
        return _state(ending_of_refusal(error))
    if isinstance(done, str):
        return _state(Ending(type="COMPLETED", name="Completed", message=done))
    for line in host_lines(done):
        get_run_logger().info(line)
    return _state(ending_of(done))


async def why_held() -> str | None:
    """A pause of the deployment holds no run that is scheduled already (Prefect 3.8), so it is asked for here."""
    async with get_client() as client:
        paused = (await client.read_deployment(deployment.id)).paused
    return "paused in Prefect" if paused else None


def _state(ending: Ending) -> State[None]:
    return State(type=StateType[ending.type], name=ending.name, message=ending.message)
