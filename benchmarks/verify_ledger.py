"""`python -m benchmarks.verify_ledger fill|verify FILE`: a ledger of 100,000 entries, written and verified."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from msp_ops.domain.canonical import canonical, digest
from msp_ops.domain.clock import Interval
from msp_ops.domain.ledger import Line, OpenMonth, Statement
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.engine.system_clock import SystemClock
from msp_ops.secrets.signing import LedgerKey, PublicKeys
from msp_ops.store import Store, open_store
from msp_ops.store.chain import RECORDS, append
from msp_ops.store.encode import written

CLIENTS, EACH = 10, 5000  # each record has a line: 100,000 entries
SINCE, UNTIL = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
TERMS = {"contract": "hourly", "rate": "120.00"}
KEY = Ed25519PrivateKey.from_private_bytes(b"7" * 32)


def fill(store: Store) -> None:
    """One closed month of each client, under one seal."""
    for number in range(CLIENTS):
        client = f"client-{number}"
        rows = [
            {"id": each.id, "run_id": None, "dated_at": SINCE, "record": written(each)} for each in _records(client)
        ]
        with store._database.writing() as connection:  # noqa: SLF001  # one by one would be 50,000 commits
            append(connection, RECORDS, client, rows)
        _close(store, store.ledger.open_month(client, UNTIL))
    store.seals.add(LedgerKey(KEY))


def verify(store: Store) -> None:
    audit = store.verify(PublicKeys([KEY.public_key()]))
    assert not audit.faults, audit.faults
    assert not audit.unsealed
    print(sum(each.length for each in audit.chains))


def _records(client: str) -> Iterator[WorkRecord]:
    half = timedelta(minutes=30)
    for number in range(EACH):
        yield WorkRecord(
            id=f"w-{client}-{number}",
            run_id=None,
            client_id=client,
            activity="break/fix",
            host_ids=("web1", "db1"),
            ticket="T-7",
            person="kim",
            machine=None,
            attended=Interval(started_at=SINCE, ended_at=SINCE + half, duration=half, boot_id="boot"),
            source="timer",
            note="restored the mailbox of accounting",
        )


def _close(store: Store, as_of: OpenMonth) -> None:
    lines = tuple(Line(id=f"line-{each.id}", charge=_charge(each)) for each in as_of.records)
    statement = Statement(
        client_id=as_of.client_id,
        month=date(2026, 10, 1),
        currency="EUR",
        lines=lines,
        total=sum((line.charge.amount for line in lines), Decimal(0)),
    )
    terms = {digest(TERMS): canonical(TERMS).decode()}
    store.ledger.close_month(statement, as_of=as_of, terms=terms, since=SINCE, by="kim")


def _charge(work: WorkRecord) -> Charge:
    half = timedelta(minutes=30)
    return Charge(
        record_id=work.id,
        contract_id="hourly",
        rule="break-fix.hourly",
        reason="break/fix at 120.00 EUR an hour: 30 min measured, 30 min billed",
        measured=half,
        billed=half,
        rate=Decimal("120.00"),
        amount=Decimal("60.00"),
        currency="EUR",
        terms=digest(TERMS),
    )


if __name__ == "__main__":
    with open_store(f"sqlite:///{Path(sys.argv[2]).absolute()}", SystemClock()) as opened:
        {"fill": fill, "verify": verify}[sys.argv[1]](opened)
