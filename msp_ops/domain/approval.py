"""A named person's word on a step that waits for it."""

from datetime import datetime

from msp_ops.domain.record import record


@record
class Approval:
    """Given once for a run and step, for all its hosts; `granted` false: the run must not go on."""

    run_id: str
    step: str
    granted: bool
    by: str
    reason: str
    at: datetime

    def told(self) -> str:
        """Who said what, as the step's reason quotes it."""
        said = f"{self.by} {'approved' if self.granted else 'did not approve'} it"
        return f"{said}: {self.reason}" if self.reason else said
