"""What hosts were to be told, saved before they were told."""

from sqlalchemy import Connection, func, insert, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import StoreError
from msp_ops.domain.parcel import Intent, Parcel
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema import intents


def save(connection: Connection, place: AnyRow, parcel: Parcel, clock: Clock) -> None:
    """StoreError when that parcel was intended before: it is committed at most once."""
    if connection.execute(select(intents.c.run_id).where(intents.c.parcel_id == parcel.id)).first() is not None:
        raise StoreError(f"the parcel {parcel.id} was already intended: a parcel is committed at most once")
    earlier = select(func.count()).where(intents.c.run_id == place.id, intents.c.host_id == place.host_id)
    connection.execute(
        insert(intents).values(
            run_id=place.id,
            host_id=place.host_id,
            position=connection.execute(earlier).scalar_one(),
            parcel_id=parcel.id,
            step=parcel.step,
            run_as=parcel.run_as,
            timeout=parcel.timeout,
            at=clock.now(),
            elapsed=clock.elapsed(),
        )
    )


def of_host(connection: Connection, run_id: str, host_id: str) -> tuple[Intent, ...]:
    """In order of saving."""
    of_it = select(intents).where(intents.c.run_id == run_id, intents.c.host_id == host_id)
    return tuple(_intent(row) for row in connection.execute(of_it.order_by(intents.c.position)))


def last_of_each(connection: Connection, run_id: str) -> dict[str, Intent]:
    """By host."""
    of_run = select(intents).where(intents.c.run_id == run_id).order_by(intents.c.position)
    return {row.host_id: _intent(row) for row in connection.execute(of_run)}


def _intent(row: AnyRow) -> Intent:
    parcel = Parcel(id=row.parcel_id, step=row.step, run_as=row.run_as, timeout=row.timeout)
    return Intent(parcel=parcel, at=row.at)
