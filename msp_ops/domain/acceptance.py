"""A person's word that a version of a runbook may run on schedules."""

from datetime import datetime

from msp_ops.domain.record import record


@record
class Acceptance:
    """Kept beside the version itself; `digest`: of its folder, as it was accepted."""

    digest: str
    by: str
    at: datetime
