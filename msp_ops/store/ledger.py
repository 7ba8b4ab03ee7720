"""The work records of a client as a chain: each carries the SHA-256 of the one before."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from msp_ops.domain.errors import StoreError
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.store.encode import written
from msp_ops.store.schema_time import charges, work_records

START = "0" * 64


def link(record: str, previous: str) -> str:
    """The hash of a record in its place."""
    return hashlib.sha256(record.encode() + previous.encode()).hexdigest()


def dated_at(work: WorkRecord, otherwise: datetime) -> datetime:
    """When the work began: the month it belongs to."""
    begun = [interval.started_at for interval in (work.machine, work.attended) if interval is not None]
    return min(begun, default=otherwise)


def append(connection: Connection, work: WorkRecord, priced: Sequence[Charge], now: datetime) -> None:
    """StoreError when a charge is of another record."""
    last = select(work_records.c.position, work_records.c.hash).where(work_records.c.client_id == work.client_id)
    head = connection.execute(last.order_by(work_records.c.position.desc()).limit(1)).one_or_none()
    position, previous = (1, START) if head is None else (head.position + 1, head.hash)
    text = written(work)
    connection.execute(
        insert(work_records).values(
            id=work.id,
            run_id=work.run_id,
            client_id=work.client_id,
            position=position,
            dated_at=dated_at(work, now),
            record=text,
            previous=previous,
            hash=link(text, previous),
        )
    )
    for number, charge in enumerate(priced):
        _add(connection, work.id, number, charge)


def price(connection: Connection, record_id: str, priced: Sequence[Charge]) -> None:
    """The charges of a record that had to wait for its price; StoreError when it has some."""
    if connection.execute(select(charges.c.rule).where(charges.c.record_id == record_id)).first() is not None:
        raise StoreError(f"the work record {record_id} has its price already: it is written once")
    for number, charge in enumerate(priced):
        _add(connection, record_id, number, charge)


def _add(connection: Connection, record_id: str, position: int, charge: Charge) -> None:
    if charge.record_id != record_id:
        raise StoreError(f"a charge of record {charge.record_id} came with record {record_id}: nothing was saved")
    connection.execute(
        insert(charges).values(
            record_id=record_id,
            position=position,
            contract_id=charge.contract_id,
            rule=charge.rule,
            reason=charge.reason,
            measured=charge.measured,
            billed=charge.billed,
            rate=charge.rate,
            amount=charge.amount,
            currency=charge.currency,
        )
    )
