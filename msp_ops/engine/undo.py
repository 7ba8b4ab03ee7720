"""What a failed change leaves behind is taken back, where the runbook knows how."""

from collections.abc import Generator

from msp_ops.domain.errors import FileError, LinkLost, NotPermitted, NotReached, Stopped, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease
from msp_ops.engine.events import HostEvent
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.verdict import is_bad
from msp_ops.engine.walk import Walk

End = tuple[Outcome, str]  # how a host ended, and why


def how_to_undo(job: HostJob) -> str:
    """What a person types."""
    return f"to undo it: msp-ops runs undo {job.run_id}"


class Undo:
    """The undo of one host's change. Used once."""

    def __init__(self, job: HostJob, tools: Tools, line: Line) -> None:
        self.walk = Walk(job, tools, line, part="undo-")
        self._job = job
        self._tools = tools

    def after(self, end: End, lease: Lease) -> Generator[HostEvent, None, End]:
        """How the host ended, with what became of its undo: only what failed, and nobody stopped, is undone."""
        outcome, reason = end
        steps = self._job.runbook.undo
        if outcome is not Outcome.FAILED or not steps:
            return end
        ask = how_to_undo(self._job)
        if self._tools.stopping.begins_nothing:
            return outcome, f"{reason}; {ask}"
        try:
            yield from self.walk.change(steps, lease)
        except (Stopped, NotPermitted, StoreError, NotReached, LinkLost, FileError) as problem:
            if self.walk.in_doubt:
                return Outcome.UNKNOWN, f"{reason}; its undo was on its way, and how it ended is not known: {problem}"
            return outcome, f"{reason}; not undone: {problem}; {ask}"
        worst = next((step for step in self.walk.results if is_bad(step)), None)
        if worst is None:
            undone = any(step.outcome is Outcome.SUCCEEDED for step in self.walk.results)
            return outcome, f"{reason}; {'undone' if undone else 'nothing of its undo is for this host'}"
        if worst.outcome is Outcome.UNKNOWN:
            return Outcome.UNKNOWN, f"{reason}; its undo: {worst.reason}"
        return outcome, f"{reason}; its undo failed: {worst.reason}"
