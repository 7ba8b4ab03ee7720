"""What is written once, as chains: each entry carries the SHA-256 of the one before, each client has its own."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, select

from msp_ops.domain.ledger import ChainHead
from msp_ops.domain.record import record
from msp_ops.store.bulk import insert_all
from msp_ops.store.schema_ledger import closed_months, corrections, decisions, ledger_lines
from msp_ops.store.schema_time import work_records

START = "0" * 64
Values = Mapping[str, object]


@record
class Chain:
    """One kind of entries. `bound`: a chain begins with its own name, so that none passes for another's.

    The chain of work records is older than that, and its records name their client themselves.
    """

    kind: str
    table: Table
    text: str = "entry"
    bound: bool = True

    def name(self, client_id: str) -> str:
        """`lines/acme`: as a seal says it."""
        return f"{self.kind}/{client_id}"

    def start(self, client_id: str) -> ChainHead:
        """Of an empty chain."""
        begin = hashlib.sha256(self.name(client_id).encode()).hexdigest() if self.bound else START
        return ChainHead(length=0, hash=begin)


RECORDS = Chain(kind="records", table=work_records, text="record", bound=False)
DECISIONS = Chain(kind="decisions", table=decisions)
LINES = Chain(kind="lines", table=ledger_lines)
CORRECTIONS = Chain(kind="corrections", table=corrections)
MONTHS = Chain(kind="months", table=closed_months)
CHAINS = (RECORDS, DECISIONS, LINES, CORRECTIONS, MONTHS)


def link(text: str, previous: str) -> str:
    """The hash of an entry in its place."""
    return hashlib.sha256(text.encode() + previous.encode()).hexdigest()


def head(connection: Connection, chain: Chain, client_id: str) -> ChainHead:
    """The last entry of the client's chain."""
    columns = chain.table.c
    last = select(columns.position, columns.hash).where(columns.client_id == client_id)
    row = connection.execute(last.order_by(columns.position.desc()).limit(1)).one_or_none()
    return chain.start(client_id) if row is None else ChainHead(length=row.position, hash=row.hash)


def append(connection: Connection, chain: Chain, client_id: str, entries: Sequence[Values]) -> ChainHead:
    """The new head. Of each entry its text and its columns; place and hashes are given here."""
    last = head(connection, chain, client_id)
    rows = []
    for entry in entries:
        hashed = link(str(entry[chain.text]), last.hash)
        place = {"client_id": client_id, "position": last.length + 1, "previous": last.hash, "hash": hashed}
        rows.append({**entry, **place})
        last = ChainHead(length=last.length + 1, hash=hashed)
    insert_all(connection, chain.table, rows)
    return last
