"""What hosts were to be told, saved before they were told."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, func, insert, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import StoreError
from msp_ops.domain.parcel import Intent, Parcel
from msp_ops.store.rows import AnyRow, in_portions
from msp_ops.store.schema import intents

Place = tuple[str, str]  # run, host


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


def of_runs(connection: Connection, run_ids: Iterable[str]) -> dict[Place, tuple[Intent, ...]]:
    """In order of saving."""
    found: dict[Place, list[Intent]] = defaultdict(list)
    for portion in in_portions(run_ids):
        chosen = select(intents).where(intents.c.run_id.in_(portion)).order_by(intents.c.position)
        for row in connection.execute(chosen):
            found[row.run_id, row.host_id].append(_intent(row))
    return {place: tuple(saved) for place, saved in found.items()}


def _intent(row: AnyRow) -> Intent:
    parcel = Parcel(id=row.parcel_id, step=row.step, run_as=row.run_as, timeout=row.timeout)
    return Intent(parcel=parcel, at=row.at)
