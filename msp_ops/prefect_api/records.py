"""What we tell Prefect and what it tells us, as values of ours."""

from datetime import datetime
from typing import Literal

from msp_ops.domain.canonical import digest
from msp_ops.domain.record import record

TAG = "msp-ops"
SPEC = "spec:"
Key = Literal["occurrence", "request"]


@record
class Deployment:
    """A deployment as it should be. `takes` is the one parameter that its flow has: an id in our store."""

    name: str
    flow: str
    entrypoint: str
    root: str
    takes: Key
    tags: tuple[str, ...]
    description: str

    @property
    def spec(self) -> str:
        """Changes whenever Prefect has to be told again."""
        return digest(self)[:16]


@record
class KnownDeployment:
    """A deployment as Prefect has it; `spec` is empty when somebody changed it there by hand."""

    id: str
    name: str
    entrypoint: str
    spec: str
    paused: bool


@record
class NewRun:
    """A run to be made: `key` is both its only argument and what keeps it from being made twice."""

    deployment_id: str
    takes: Key
    key: str
    name: str
    planned_at: datetime


@record
class KnownRun:
    """A run as Prefect has it. `deployment_id` None: the deployment is gone; `key` empty: a person made it."""

    id: str
    name: str
    key: str
    occurrence: str | None
    deployment_id: str | None
    state_type: str
    state_name: str
    message: str
    planned_at: datetime | None

    @property
    def is_handed_over(self) -> bool:
        """Whether the calendar made it, not a technician's request nor somebody in Prefect's UI."""
        return self.occurrence is not None and self.key == self.occurrence
