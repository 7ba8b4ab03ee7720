"""How a host of a run stands, derived from what was saved: true also when whoever ran it is dead."""

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostResult, HostState, Resolution

INTERRUPTED = "may have run: the process that ran it ended before the result was saved"
NEVER_BEGUN = "the process that ran it ended before this host was changed"


def host_state(
    host_id: str, result: HostResult | None, resolution: Resolution | None, *, intended: bool, going_on: bool
) -> HostState:
    """A person's resolution counts before all; then the result; then what silence means."""
    outcome, reason = _unresolved(result, intended=intended, going_on=going_on)
    if resolution is not None:
        outcome, reason = resolution.verdict, f"{resolution.by}: {resolution.reason}"
    return HostState(
        host_id=host_id,
        outcome=outcome,
        reason=reason,
        result=result,
        resolution=resolution,
        at_work=outcome is None and intended,
    )


def _unresolved(result: HostResult | None, *, intended: bool, going_on: bool) -> tuple[Outcome | None, str]:
    if result is not None:
        return result.outcome, result.reason
    if going_on:
        return None, "at work" if intended else "waiting"
    return (Outcome.UNKNOWN, INTERRUPTED) if intended else (Outcome.DEFERRED, NEVER_BEGUN)
