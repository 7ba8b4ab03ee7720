"""One host of one run, as whoever writes for it must know it: asked for in one question."""

from sqlalchemy import BindParameter, Connection, and_, bindparam, select

from msp_ops.domain.errors import NotPermitted, StoreError
from msp_ops.store.rows import AnyRow, no_such_run
from msp_ops.store.schema import host_results, leases, run_hosts, runs

_run_id: BindParameter[str] = bindparam("wanted_run")
_host_id: BindParameter[str] = bindparam("wanted_host")
_place = (
    select(
        runs.c.id,
        runs.c.client_id,
        runs.c.process_id,
        runs.c.ended_at,
        run_hosts.c.host_id,
        host_results.c.outcome,
        host_results.c.ended_at.label("result_at"),
        leases.c.token,
        leases.c.run_id.label("holder"),
        leases.c.taken_at,
    )
    .select_from(runs)
    .outerjoin(run_hosts, and_(run_hosts.c.run_id == runs.c.id, run_hosts.c.host_id == _host_id))
    .outerjoin(host_results, and_(host_results.c.run_id == runs.c.id, host_results.c.host_id == _host_id))
    .outerjoin(leases, and_(leases.c.client_id == runs.c.client_id, leases.c.host_id == _host_id))
    .where(runs.c.id == _run_id)
)


def place_of(connection: Connection, run_id: str, host_id: str) -> AnyRow:
    """Its run, its result if it has one, and who holds its lease. StoreError: no such run, no such host in its plan."""
    row = connection.execute(_place, {"wanted_run": run_id, "wanted_host": host_id}).one_or_none()
    if row is None:
        raise no_such_run(run_id)
    if row.host_id is None:
        raise StoreError(f"the plan of run {run_id} does not name the host {row.client_id}/{host_id}")
    return row


def refuse_second(place: AnyRow) -> None:
    """NotPermitted when the host of this run has its result already: to wait does not help."""
    if place.outcome is not None:
        raise NotPermitted(
            f"run {place.id} already has a result of {place.client_id}/{place.host_id} ({place.outcome.word}, "
            f"{place.result_at:%Y-%m-%d %H:%M} UTC): a result is written once"
        )
