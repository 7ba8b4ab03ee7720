"""How an `unknown` ended, by a named person: appended, never overwritten."""

from sqlalchemy import Connection, insert

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostState, Resolution
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema import resolutions


def append(connection: Connection, run: AnyRow, host: HostState, resolution: Resolution) -> None:
    """NotPermitted unless the host is unknown and nobody resolved it; PlanError for a verdict that is none."""
    where = f"{run.client_id}/{host.host_id} of run {run.id}"
    if resolution.verdict is Outcome.UNKNOWN:
        raise PlanError(f"a resolution says how {where} ended: `unknown` is what it is already")
    if host.resolution is not None:
        earlier = host.resolution
        raise NotPermitted(
            f"{earlier.by} resolved {where} at {clock_time(earlier.at, resolution.at)} as {earlier.verdict.word} "
            f"({earlier.reason}): a resolution is given once"
        )
    if host.outcome is not Outcome.UNKNOWN:
        how = "still going on" if host.outcome is None else host.outcome.word
        raise NotPermitted(f"{where} is not unknown but {how}: only an unknown needs a resolution")
    connection.execute(
        insert(resolutions).values(
            run_id=run.id,
            host_id=host.host_id,
            verdict=resolution.verdict,
            by=resolution.by,
            reason=resolution.reason,
            at=resolution.at,
        )
    )
