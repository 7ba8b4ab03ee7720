"""A small ledger: work of two months, decided, closed, corrected and sealed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from msp_ops.domain.canonical import canonical, digest
from msp_ops.domain.ledger import Line, OpenMonth, Seal, Statement
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.secrets.signing import LedgerKey, PublicKeys
from msp_ops.store import Store
from tests.store.cast import charge, interval

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)
FOLLOWING = {OCTOBER: NOVEMBER, NOVEMBER: DECEMBER, DECEMBER: JANUARY}
TERMS = {"contract": "hourly", "rate": "120.00"}
PRICED_BY = digest(TERMS)

_PRIVATE = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
KEY = LedgerKey(_PRIVATE)
WITNESS = PublicKeys([_PRIVATE.public_key()])
OTHER_KEY = LedgerKey(Ed25519PrivateKey.from_private_bytes(b"8" * 32))


def by_hand(name: str, start: datetime, client: str = "acme", minutes: int = 45) -> WorkRecord:
    return WorkRecord(
        id=name,
        run_id=None,
        client_id=client,
        activity="break/fix",
        host_ids=("web1",),
        ticket="T-7",
        person="kim",
        machine=None,
        attended=interval(start, minutes * 60),
        source="hand",
        note="on the phone with ß",
        noted_at=start + timedelta(hours=2),
    )


def line_of(record: WorkRecord | None, name: str, amount: str = "90.00") -> Line:
    priced: Charge = replace(
        charge("?"), record_id=record.id if record else None, amount=Decimal(amount), terms=PRICED_BY
    )
    return Line(id=name, charge=priced)


def reversed_line(line: Line, name: str) -> Line:
    return Line(id=name, charge=replace(line.charge, amount=-line.charge.amount), reverses=line.id)


def statement_of(month: datetime, lines: tuple[Line, ...], client: str = "acme") -> Statement:
    return Statement(
        client_id=client,
        month=date(month.year, month.month, 1),
        currency="EUR",
        lines=lines,
        total=sum((line.charge.amount for line in lines), Decimal(0)),
    )


def opened(store: Store, month: datetime, client: str = "acme") -> OpenMonth:
    return store.ledger.open_month(client, FOLLOWING[month])


def close(store: Store, month: datetime, *more: Line, client: str = "acme") -> Statement:
    """With a line of 90 EUR for each record that is open, and `more`."""
    as_of = opened(store, month, client)
    lines = (*(line_of(each, f"{month:%Y-%m}.{each.id}") for each in as_of.records), *more)
    return store.ledger.close_month(
        statement_of(month, lines, client),
        as_of=as_of,
        terms={PRICED_BY: canonical(TERMS).decode()},
        since=month,
        by="kim",
    )


def small_ledger(store: Store) -> list[Seal]:
    """Two clients, two closed months, a decision, a correction; sealed after October, and at the end."""
    for name, start in (("a1", OCTOBER), ("a2", OCTOBER + timedelta(days=3)), ("a3", NOVEMBER)):
        store.work.add(by_hand(name, start), ())
    store.work.add(by_hand("b1", OCTOBER, "borealis"), ())
    store.ledger.decide("a2", "hourly", "kim", "the phone was down")
    frozen = close(store, OCTOBER).lines[0]
    seals = [store.seals.add(KEY)]
    store.ledger.correct(frozen.id, Decimal("45.00"), "kim", "half of it was ours")
    close(store, NOVEMBER, reversed_line(frozen, "back"), replace(line_of(None, "instead", "45.00")))
    store.work.add(by_hand("a4", DECEMBER), ())
    seals.append(store.seals.add(KEY))
    return seals
