"""What a run tells while it goes: values on a conveyor, in the order in which they happen."""

from msp_ops.domain.record import record
from msp_ops.domain.run import HostResult, Run, StepResult


@record
class RunOpened:
    """The run is in the journal; nothing has been asked of a host yet."""

    run_id: str
    host_ids: tuple[str, ...]


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
class RunEnded:
    """The run as every reader sees it from now on."""

    run: Run


StepEvent = Intended | Said | StepEnded
HostEvent = HostBegan | StepEvent | HostEnded | NotRecorded
Event = RunOpened | HostEvent | RunEnded
