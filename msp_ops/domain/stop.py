"""A person's word that work must stop: one run, or everything everywhere."""

from datetime import datetime
from typing import Literal

from msp_ops.domain.record import record


@record
class StopOrder:
    """`run_id` None: every run of every client, and none may begin. It stands until it is lifted.

    `finish`: the running step comes to its end, nothing new begins. `cancel`: it is stopped on the host too.
    """

    id: str
    run_id: str | None
    level: Literal["finish", "cancel"]
    by: str
    reason: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
