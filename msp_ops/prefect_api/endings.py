"""How a run of ours reads in Prefect. Green means verified, on every host; what is not proved is never green.

| our outcome | Prefect's type | name |
| --- | --- | --- |
| succeeded | COMPLETED | Completed |
| skipped | COMPLETED | Skipped |
| deferred, unverified, blocked, not reached, failed | FAILED | the outcome |
| unknown | CRASHED | Unknown |
| the claim was refused, nothing ran | CANCELLED | Refused |
| it could not begin: store, files, a request that makes no sense | FAILED | Not started |
"""

from collections import Counter
from typing import Literal, assert_never

from msp_ops.domain.errors import MspOpsError, NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record
from msp_ops.domain.run import HostState, Run

StateType = Literal["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]


@record
class Ending:
    """A final state of Prefect's: `type` gives the colour, `name` the word, `message` the reason."""

    type: StateType
    name: str
    message: str


def ending_of(run: Run) -> Ending:
    """A run that has no outcome yet is as unknown here as to everybody."""
    outcome = Outcome.UNKNOWN if run.outcome is None else run.outcome
    return Ending(type=_type_of(outcome), name=_name_of(outcome), message=f"{_counts(run)}; run {run.id}")


def ending_of_refusal(error: MspOpsError) -> Ending:
    """Nothing ran."""
    if isinstance(error, NotPermitted):
        return Ending(type="CANCELLED", name="Refused", message=str(error))
    return Ending(type="FAILED", name="Not started", message=str(error))


def host_lines(run: Run) -> tuple[str, ...]:
    """`web1: not reached: no answer on port 22`, one a host."""
    return tuple(f"{host.host_id}: {_word(host)}" + (f": {host.reason}" if host.reason else "") for host in run.hosts)


def _type_of(outcome: Outcome) -> StateType:
    match outcome:
        case Outcome.SKIPPED | Outcome.SUCCEEDED:
            return "COMPLETED"
        case Outcome.DEFERRED | Outcome.UNVERIFIED | Outcome.BLOCKED | Outcome.NOT_REACHED | Outcome.FAILED:
            return "FAILED"
        case Outcome.UNKNOWN:
            return "CRASHED"
        case _:
            assert_never(outcome)


def _name_of(outcome: Outcome) -> str:
    return "Completed" if outcome is Outcome.SUCCEEDED else outcome.word.capitalize()


def _counts(run: Run) -> str:
    """`3 hosts: 2 succeeded, 1 not reached`, the worst first."""
    by_outcome = Counter(Outcome.UNKNOWN if host.outcome is None else host.outcome for host in run.hosts)
    words = ", ".join(f"{by_outcome[outcome]} {outcome.word}" for outcome in sorted(by_outcome, reverse=True))
    return f"{len(run.hosts)} {'host' if len(run.hosts) == 1 else 'hosts'}: {words or 'none'}"


def _word(host: HostState) -> str:
    return Outcome.UNKNOWN.word if host.outcome is None else host.outcome.word
