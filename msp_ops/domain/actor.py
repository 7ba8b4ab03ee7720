"""Who or what asks."""

from typing import Literal

from msp_ops.domain.record import record


@record
class Actor:
    """A person, a schedule or an event source, and how we know."""

    kind: Literal["person", "schedule", "event"]
    name: str
    authenticated_by: str

    @property
    def is_person(self) -> bool:
        return self.kind == "person"
