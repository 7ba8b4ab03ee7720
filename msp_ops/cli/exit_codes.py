"""How the program ends: the numbers that scripts rely on."""

from collections.abc import Sequence

from msp_ops.domain.errors import FileError, LinkLost, MspOpsError, NotPermitted, NotReached, NotSaved, PlanError
from msp_ops.domain.outcome import Outcome, fold
from msp_ops.domain.run import Run

OK, SOME_FAILED, USAGE, FILES_INVALID, NOT_PERMITTED, NOT_REACHED, UNKNOWN = range(7)
DEFECT, INTERRUPTED = 70, 130
NOBODY_READS = 141  # what a shell counts for a program that SIGPIPE ended


def of_error(error: MspOpsError) -> int:
    """For what stopped a command before it could do its work."""
    match error:
        case FileError():
            return FILES_INVALID
        case PlanError():
            return USAGE
        case NotPermitted():
            return NOT_PERMITTED
        case NotReached():
            return NOT_REACHED
        case LinkLost() | NotSaved():
            return UNKNOWN
        case _:
            return SOME_FAILED


def of_run(run: Run) -> int:
    """For a run that came to its end."""
    if any(host.result and host.result.defect for host in run.hosts):
        return DEFECT
    return of_outcome(run.outcome)


def of_hosts(outcomes: Sequence[Outcome | None]) -> int:
    """As a run of these hosts would end: by the worst of them. One that has no end yet is as bad as an unknown."""
    known = [outcome for outcome in outcomes if outcome is not None]
    return of_outcome(fold(known) if len(known) == len(outcomes) else None)


def of_outcome(outcome: Outcome | None) -> int:
    """None: it has not ended, so nobody knows."""
    match outcome:
        case Outcome.SKIPPED | Outcome.SUCCEEDED:
            return OK
        case Outcome.DEFERRED:
            return NOT_PERMITTED
        case Outcome.NOT_REACHED:
            return NOT_REACHED
        case Outcome.UNKNOWN | None:
            return UNKNOWN
        case Outcome.UNVERIFIED | Outcome.BLOCKED | Outcome.FAILED:
            return SOME_FAILED
