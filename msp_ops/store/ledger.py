"""The work records of a client as a chain: each carries the SHA-256 of the one before."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from msp_ops.domain.errors import StoreError
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.store.encode import written
from msp_ops.store.schema import charges, work_records

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
        _add(connection, work, number, charge)


def _add(connection: Connection, work: WorkRecord, position: int, charge: Charge) -> None:
    if charge.record_id != work.id:
        raise StoreError(f"a charge of record {charge.record_id} came with record {work.id}: nothing was saved")
    connection.execute(
        insert(charges).values(
            record_id=work.id,
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
