"""One planned time of a schedule; it has exactly one end."""

from datetime import datetime
from enum import StrEnum

from msp_ops.domain.plan import PlannedFile
from msp_ops.domain.record import record


class OccurrenceState(StrEnum):
    """`planned` and `claimed` are open; all others are an end."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    RAN = "ran"
    SKIPPED = "skipped"
    FROZEN = "frozen"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        return self in {OccurrenceState.PLANNED, OccurrenceState.CLAIMED}


@record
class Occurrence:
    """`id` is made of client, schedule, moment and the schedule's digest: a changed schedule makes new ones."""

    id: str
    client_id: str
    schedule_id: str
    planned_at: datetime
    latest_start_at: datetime
    state: OccurrenceState = OccurrenceState.PLANNED
    reason: str = ""
    run_id: str | None = None


@record
class Pause:
    """A schedule that a person stopped for a while; intent lives in files, this is state."""

    client_id: str
    schedule_id: str
    until: datetime | None
    by: str
    reason: str


class RequestState(StrEnum):
    """`ran` and `refused` are its end; how the run of one that ran ended, the run says."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    RAN = "ran"
    REFUSED = "refused"


@record
class Request:
    """A run on demand that a worker is to take. `refusal`: why it did not become a run, in words.

    `files`: what those held that parameters name, when it was asked for.
    """

    id: str
    client_id: str
    runbook_id: str
    hosts: str
    parameters: dict[str, str]
    ticket: str | None
    reason: str
    actor: str
    files: tuple[PlannedFile, ...] = ()
    run_id: str | None = None
    state: RequestState = RequestState.WAITING
    refusal: str = ""
