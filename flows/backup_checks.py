"""Backup checks: is there a backup, is it young enough, can it be restored."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.occurrences import carry_out_occurrence


@flow(name="backup-checks")
async def backup_checks(occurrence: str) -> State[None]:
    """Carry out a planned backup check."""
    return await carry_out_occurrence(occurrence)
