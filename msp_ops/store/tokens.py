"""The leases' tokens: each is younger than every one before it, whatever host it is of."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select, update

from msp_ops.domain.parcel import Lease
from msp_ops.store.schema import store_identity

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def draw(connection: Connection, now: datetime) -> Lease:
    """A new one.

    It follows the milliseconds of the wall clock where it is ahead: a store that was put back from a backup must not
    give tokens that hosts have already seen surpassed.
    """
    row = connection.execute(select(store_identity)).one()
    token = max(row.token + 1, (now - _EPOCH) // timedelta(milliseconds=1))
    connection.execute(update(store_identity).values(token=token))
    return Lease(store=row.id, token=token)


def known(connection: Connection, token: int) -> Lease:
    """One that was given before."""
    return Lease(store=connection.execute(select(store_identity.c.id)).scalar_one(), token=token)
