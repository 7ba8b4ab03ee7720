"""What is known of a host after a run lost it, as one outcome. Pure: a table of cases tests it.

A failed step stays failed, whatever came after it; what never began changes nothing by itself; what came to no end is
decided by the runbook's verification alone, and only where every other step was done.
"""

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record
from msp_ops.domain.run import StepResult
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.wording import listed
from msp_ops.engine.verdict import verdict

IDLE = frozenset({Outcome.DEFERRED, Outcome.BLOCKED})


@record
class Aftermath:
    """`acted`: the changing steps that were meant for the host, in order. `missing`: those that were not meant yet.

    `as_it_was`: the library still has the very runbook that ran, so that its verification means something. `half_done`:
    packages left in the middle, in words. `undo`: the steps of its undo that were meant for the host, in order;
    `undo_missing`: those that were not meant yet.
    """

    acted: tuple[StepResult, ...]
    missing: tuple[str, ...]
    as_it_was: bool
    proofs: tuple[StepResult, ...] = ()
    half_done: str = ""
    undo: tuple[StepResult, ...] = ()
    undo_missing: tuple[str, ...] = ()

    @property
    def doubtful(self) -> StepResult | None:
        """The first step that came to no end."""
        return self._first(Outcome.UNKNOWN)

    @property
    def wants_proof(self) -> bool:
        """Whether the verification can say more."""
        if self.undo or not self.as_it_was or self._first(Outcome.FAILED) or self._idle():
            return False
        return self.doubtful is not None or not self.missing

    def judged(self, runbook: Runbook) -> tuple[Outcome, str]:
        """The outcome and why; `unknown` when nobody can tell yet."""
        if self.undo:
            return self._taken_back()
        if failed := self._first(Outcome.FAILED):
            return Outcome.FAILED, failed.reason
        if idle := self._idle():
            if len(self.acted) == 1:
                return idle.outcome, idle.reason
            return Outcome.FAILED, f"interrupted: {idle.reason}; an earlier step had changed the host"
        if self.doubtful:
            return self._decided_by_proof(self.doubtful.reason, runbook)
        if not self.as_it_was:
            changed = "its runbook has changed since, or a file that it was given"
            why = f"what was begun ended well; {changed}: nobody can tell whether that was all of it"
            return Outcome.FAILED, why
        if self.missing:
            return Outcome.FAILED, f"interrupted before {listed(self.missing)}"
        return verdict((*self.acted, *self.proofs), runbook)

    def _taken_back(self) -> tuple[Outcome, str]:
        """A host whose undo was begun has failed, whatever its verification says now: that looks at the old state."""
        failed = self._first(Outcome.FAILED)
        why = failed.reason if failed else "the change was not proved"
        if doubtful := next((step for step in self.undo if step.outcome is Outcome.UNKNOWN), None):
            return Outcome.UNKNOWN, f"{why}; its undo: {doubtful.reason}"
        if bad := next((step for step in self.undo if step.outcome is not Outcome.SUCCEEDED), None):
            return Outcome.FAILED, f"{why}; its undo failed: {bad.reason}"
        if self.undo_missing:
            return Outcome.FAILED, f"{why}; its undo was interrupted before {listed(self.undo_missing)}"
        return Outcome.FAILED, f"{why}; undone"

    def _decided_by_proof(self, doubt: str, runbook: Runbook) -> tuple[Outcome, str]:
        doubt = f"{doubt}; {self.half_done}" if self.half_done else doubt
        outcome, why = verdict(self.proofs, runbook)
        if not self.proofs or outcome in {Outcome.UNVERIFIED, Outcome.UNKNOWN}:
            return Outcome.UNKNOWN, doubt
        if self.missing:
            return Outcome.FAILED, f"{doubt}; interrupted before {listed(self.missing)}"
        if outcome is not Outcome.SUCCEEDED:
            return Outcome.FAILED, f"{doubt}; {why}" if why else doubt
        if self.half_done:
            return Outcome.FAILED, doubt
        return Outcome.SUCCEEDED, f"{doubt}; the verification proves that its aim is reached"

    def _first(self, outcome: Outcome) -> StepResult | None:
        return next((step for step in self.acted if step.outcome is outcome), None)

    def _idle(self) -> StepResult | None:
        return next((step for step in self.acted if step.outcome in IDLE), None)
