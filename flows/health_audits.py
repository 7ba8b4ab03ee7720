"""Health audits: what is wrong on a client's machines, or soon will be."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.occurrences import carry_out_occurrence


@flow(name="health-audits")
async def health_audits(occurrence: str) -> State[None]:
    """Carry out a planned health audit."""
    return await carry_out_occurrence(occurrence)
