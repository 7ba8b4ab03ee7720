"""What a run tells while it goes: values on a conveyor, in the order in which they happen."""

from datetime import timedelta

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record
from msp_ops.domain.run import HostResult, Run, StepResult


@record
class RunOpened:
    """The run is in the journal; nothing has been asked of a host yet."""

    run_id: str
    host_ids: tuple[str, ...]


@record
class HostRecovered:
    """What a run had left unknown, asked of the host. `outcome` None: its step is still at work there."""

    run_id: str
    client_id: str
    host_id: str
    outcome: Outcome | None
    reason: str

    @property
    def where(self) -> str:
        return f"{self.client_id}/{self.host_id}"

    @property
    def word(self) -> str:
        return "still at work there" if self.outcome is None else self.outcome.word

    @property
    def is_known(self) -> bool:
        return self.outcome not in {None, Outcome.UNKNOWN}


@record
class HostBegan:
    """A host's turn has come."""

    host_id: str


@record
class Intended:
    """The intent to change this host is saved; it is told next, and from here on silence means `unknown`."""

    host_id: str
    step: str


@record
class Said:
    """One line that a host said while it was changed, redacted."""

    host_id: str
    step: str
    line: str


@record
class Waiting:
    """Nothing is said with this host for a while: its step goes on there, or another try comes. `why` in words."""

    host_id: str
    why: str
    pause: timedelta


@record
class StepEnded:
    """One step of one host has its result."""

    host_id: str
    result: StepResult


@record
class HostEnded:
    """A host's result, the last event of that host."""

    result: HostResult


@record
class NotRecorded:
    """A host's result that the store did not take; the last event of that host."""

    result: HostResult
    why: str


@record
class HostLeft:
    """A host at work that this process leaves alone; the last event of that host here. Recovery asks for it."""

    host_id: str


@record
class RunEnded:
    """The run as every reader sees it from now on; its steps were told by `StepEnded`."""

    run: Run


@record
class RunLeft:
    """The run as every reader sees it from now on: this process goes, and its hosts may still be at work."""

    run: Run


StepEvent = Intended | Said | Waiting | StepEnded
HostEvent = HostBegan | StepEvent | HostEnded | NotRecorded | HostLeft
Event = HostRecovered | RunOpened | HostEvent | RunEnded | RunLeft
