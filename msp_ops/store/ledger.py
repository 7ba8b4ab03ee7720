"""Work records are appended to the chain of their client, with what they cost by themselves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from msp_ops.domain.errors import StoreError
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.store import chain
from msp_ops.store.encode import written
from msp_ops.store.schema_time import charges


def dated_at(work: WorkRecord, otherwise: datetime) -> datetime:
    """When the work began: the month it belongs to."""
    begun = [interval.started_at for interval in (work.machine, work.attended) if interval is not None]
    return min(begun, default=work.noted_at or otherwise)


def append(connection: Connection, work: WorkRecord, priced: Sequence[Charge], now: datetime) -> None:
    """StoreError when a charge is of another record. A record without any interval says when it was written."""
    if work.machine is None and work.attended is None and work.noted_at is None:
        work = replace(work, noted_at=now)
    row = {"id": work.id, "run_id": work.run_id, "dated_at": dated_at(work, now), "record": written(work)}
    chain.append(connection, chain.RECORDS, work.client_id, [row])
    for number, charge in enumerate(priced):
        _add(connection, work.id, number, charge)


def price(connection: Connection, record_id: str, priced: Sequence[Charge]) -> None:
    """The charges of a record that had to wait for its price; StoreError when it has some."""
    if connection.execute(select(charges.c.position).where(charges.c.record_id == record_id)).first() is not None:
        raise StoreError(f"the work record {record_id} has its price already: it is written once")
    for number, charge in enumerate(priced):
        _add(connection, record_id, number, charge)


def _add(connection: Connection, record_id: str, position: int, charge: Charge) -> None:
    if charge.record_id != record_id:
        raise StoreError(f"a charge of record {charge.record_id} came with record {record_id}: nothing was saved")
    connection.execute(insert(charges).values(record_id=record_id, position=position, charge=written(charge)))
