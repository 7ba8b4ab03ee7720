"""Patch nights: a client's machines brought up to date inside their window."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.occurrences import carry_out_occurrence


@flow(name="patching")
async def patching(occurrence: str) -> State[None]:
    """Carry out a planned patch night."""
    return await carry_out_occurrence(occurrence)
