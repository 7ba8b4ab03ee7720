"""The one way from a flow to a journey and back: our words become Prefect's states here and nowhere else."""

import asyncio
from collections.abc import Callable

from prefect import get_run_logger
from prefect.client.schemas.objects import State, StateType

from msp_ops.domain.errors import MspOpsError
from msp_ops.domain.run import Run
from msp_ops.prefect_api.endings import Ending, ending_of, ending_of_refusal, host_lines


async def carry_out(work: Callable[[], Run]) -> State[None]:
    """In a thread, so that the loop stays free for Prefect's heartbeat. A defect is raised: Prefect shows it."""
    logger = get_run_logger()
    try:
        run = await asyncio.to_thread(work)
    except MspOpsError as error:
        return _state(ending_of_refusal(error))
    for line in host_lines(run):
        logger.info(line)
    return _state(ending_of(run))


def _state(ending: Ending) -> State[None]:
    return State(type=StateType[ending.type], name=ending.name, message=ending.message)
