"""Which runs may have left a host unknown: few among many, so the indexes must answer."""

from sqlalchemy import ColumnElement, CompoundSelect, Table, and_, select, union

from msp_ops.domain.outcome import Outcome
from msp_ops.store.schema import host_results, intents, resolutions


def perhaps_unknown() -> CompoundSelect[tuple[str]]:
    """The ids of runs that say so of a host, or began to change one and have not said how it ended."""
    said = (
        select(host_results.c.run_id)
        .outerjoin(resolutions, _same_host(host_results, resolutions))
        .where(host_results.c.outcome == Outcome.UNKNOWN, resolutions.c.run_id.is_(None))
    )
    silent = (
        select(intents.c.run_id)
        .outerjoin(host_results, _same_host(intents, host_results))
        .outerjoin(resolutions, _same_host(intents, resolutions))
        .where(host_results.c.run_id.is_(None), resolutions.c.run_id.is_(None))
    )
    return union(said, silent)


def _same_host(one: Table, other: Table) -> ColumnElement[bool]:
    return and_(one.c.run_id == other.c.run_id, one.c.host_id == other.c.host_id)
