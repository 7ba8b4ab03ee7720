"""What persons stopped: one run, or everything. An order stands until it is lifted."""

from typing import Any

from sqlalchemy import Connection, Select, case, insert, or_, select, update

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted, PlanError, Stopped
from msp_ops.domain.stop import StopOrder
from msp_ops.store.database import Database
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema import runs, stop_orders


class Stops:
    """Written by anybody's process, honoured by all."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def order(self, order: StopOrder) -> None:
        """PlanError when there is no such run, NotPermitted when it has ended."""
        with self._database.writing() as connection:
            if order.run_id is not None:
                _refuse_ended(connection, order.run_id)
            connection.execute(
                insert(stop_orders).values(
                    id=order.id,
                    run_id=order.run_id,
                    level=order.level,
                    by=order.by,
                    reason=order.reason,
                    at=order.at,
                )
            )

    def lift(self, by: str) -> int:
        """Runs may begin again; how many orders for all stood. An order for one run stays."""
        standing = update(stop_orders).where(stop_orders.c.run_id.is_(None), stop_orders.c.lifted_at.is_(None))
        with self._database.writing() as connection:
            return connection.execute(standing.values(lifted_at=self._clock.now(), lifted_by=by)).rowcount

    def standing(self, run_id: str | None = None) -> StopOrder | None:
        """The order that holds for the run, its own or one for all; for None, only one for all."""
        with self._database.reading() as connection:
            return standing(connection, run_id)


def standing(connection: Connection, run_id: str | None) -> StopOrder | None:
    """To cancel outranks to finish; of two alike, the earlier."""
    row = connection.execute(_standing(run_id)).first()
    return None if row is None else _order(row)


def refuse_stopped(connection: Connection, run_id: str | None, clock: Clock) -> None:
    """Stopped: by whom, when and why."""
    order = standing(connection, run_id)
    if order is None:
        return
    what = "every run, until that is lifted," if order.run_id is None else f"run {order.run_id}"
    why = f": {order.reason}" if order.reason else ""
    raise Stopped(f"{order.by} stopped {what} at {clock_time(order.at, clock.now())}{why}")


def _standing(run_id: str | None) -> Select[Any]:
    of_all = stop_orders.c.run_id.is_(None)
    meant = of_all if run_id is None else or_(of_all, stop_orders.c.run_id == run_id)
    outranks = case((stop_orders.c.level == "cancel", 0), else_=1)
    return (
        select(stop_orders)
        .where(meant, stop_orders.c.lifted_at.is_(None))
        .order_by(outranks, stop_orders.c.at, stop_orders.c.id)
        .limit(1)
    )


def _refuse_ended(connection: Connection, run_id: str) -> None:
    row = connection.execute(select(runs.c.ended_at).where(runs.c.id == run_id)).one_or_none()
    if row is None:
        raise PlanError(f"there is no run {run_id} to stop; `msp-ops runs list --open` shows those that go on")
    if row.ended_at is not None:
        raise NotPermitted(f"run {run_id} ended at {row.ended_at:%Y-%m-%d %H:%M} UTC: there is nothing to stop")


def _order(row: AnyRow) -> StopOrder:
    return StopOrder(
        id=row.id,
        run_id=row.run_id,
        level=row.level,
        by=row.by,
        reason=row.reason,
        at=row.at,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
    )
