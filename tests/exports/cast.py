"""Statements of acme, whole and drawn at random, and what the other programs call our words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from msp_ops.domain.clock import Interval
from msp_ops.domain.export_map import (
    Autotask,
    ConnectWise,
    ExportMap,
    HaloPsa,
    InvoiceNinja,
    Kimai,
    QuickBooks,
    Syncro,
    Xero,
)
from msp_ops.domain.ledger import Line, Statement
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.exports.entries import entries_of

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MONTH = date(2026, 11, 1)
MINUTE = timedelta(minutes=1)
HOURS = {"business": "11", "after-hours": "12", "weekend": "13", "holiday": "14"}
NAMED = {"persons": {"kim": "141", "nobody": "1"}, "ticket_prefix": "T-"}
IDS = ExportMap(
    connectwise=ConnectWise(clients={"acme": "19300"}, hours=HOURS, agreements={"acme/care": "77"}, **NAMED),
    autotask=Autotask(hours=HOURS, roles={"default": "5", "senior": "6"}, **NAMED),
    halopsa=HaloPsa(hours=HOURS, **NAMED),
    syncro=Syncro(hours=HOURS, **NAMED),
    kimai=Kimai(clients={"acme": "3"}, hours=HOURS, **NAMED),
    invoiceninja=InvoiceNinja(clients={"acme": "Wpmbk5ezJn"}, **NAMED),
    quickbooks=QuickBooks(clients={"acme": "58"}, hours=HOURS, **NAMED),
    xero=Xero(
        clients={"acme": "Acme Dental"},
        accounts={**dict.fromkeys(HOURS, "200"), "fee": "210"},
        taxes={"none": "No VAT", "VAT": "20% (VAT on Income)"},
        ticket_prefix="T-",
    ),
)
TIME_TARGETS = ("connectwise", "autotask", "halopsa", "syncro", "kimai", "invoiceninja", "quickbooks")
GENERIC = ("csv", "csv-excel", "xlsx", "json")


def work(number=1, start=NOON, length=35 * MINUTE, **changes):
    attended = Interval(started_at=start, ended_at=start + length, duration=length, boot_id="b")
    known = {
        "id": f"w-{number}",
        "run_id": f"r-{number}",
        "client_id": "acme",
        "activity": "break/fix",
        "host_ids": ("web1",),
        "ticket": "T-7",
        "person": "kim",
        "machine": None,
        "attended": attended,
    }
    return WorkRecord(**{**known, **changes})


def charge(record, **changes):
    measured = record.attended.duration if record and record.attended else timedelta(0)
    known = {
        "record_id": record.id if record else None,
        "contract_id": "repairs",
        "rule": "break-fix.hourly",
        "reason": "break/fix at 95.00 EUR/h",
        "measured": measured,
        "billed": -(-measured // (15 * MINUTE)) * 15 * MINUTE,
        "rate": Decimal(95),
        "amount": Decimal("71.25"),
        "currency": "EUR",
    }
    return Charge(**{**known, **changes})


FEE = Line(
    id="acme-2026-11-9",
    charge=charge(None, contract_id="care", rule="fee", reason="care in November", amount=Decimal(450)),
)


def statement(lines, **changes):
    total = sum((line.charge.amount for line in lines), Decimal(0))
    known = {"client_id": "acme", "month": MONTH, "currency": "EUR", "lines": tuple(lines), "total": total}
    return Statement(**{**known, "closed_at": NOON + timedelta(days=9), "closed_by": "kim", **changes})


def one_entry(text="Restarted nginx.", record=None, line_id="acme-2026-11-1", **changes):
    record = record or work()
    line = Line(id=line_id, charge=charge(record, **changes))
    (entry,) = entries_of(statement([line]), {record.id: record}, {record.run_id or "": text})
    return entry


SIGNS = st.text(
    st.characters(codec=None) | st.sampled_from("=+-@\t\r\n\x00\"',;\u202e\u200f\u2066\uff1d😀"), max_size=30
)
SHORT = st.builds(
    lambda lead, rest: lead + rest, st.sampled_from(["", "=", "+", "-", "@", " =", '"=', "'", "\n="]), SIGNS
).filter(bool)
LONG = SIGNS.map(lambda text: (text or "x") * (10_000 // len(text or "x")))
TEXTS = SHORT | LONG


@st.composite
def lines_and_records(draw):
    """Up to eight lines: priced, covered, fees and corrections, seconds to days long, over midnights."""
    lines, records, texts = [], {}, {}
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["priced", "priced", "priced", "covered", "fee", "reversal", "rounding"]))
        name = f"acme-2026-11-{number}"
        if kind == "fee":
            lines.append(replace(FEE, id=name))
            continue
        start = NOON + timedelta(seconds=draw(st.integers(0, 6 * 86400)))
        length = timedelta(seconds=draw(st.integers(1, 60) | st.integers(1, 3 * 86400)))
        record = work(number, start, length, ticket=draw(st.sampled_from(["T-7", "T-8"])))
        records[record.id], texts[record.run_id] = record, draw(SHORT | st.just("=x" * 5_000))
        lines.append(Line(id=name, charge=_charge(draw, kind, record), reverses="x-1" if kind == "reversal" else None))
    return lines, records, texts


def _charge(draw, kind, record):
    rate = draw(st.decimals("0.01", "999.99", places=2))
    step = draw(st.sampled_from([timedelta(seconds=1), 6 * MINUTE, 15 * MINUTE]))
    length = record.attended.duration
    billed = -(-length // step) * step
    exact = rate * (billed // timedelta(seconds=1)) / 3600
    amount = max(
        exact.quantize(Decimal("0.01")) + draw(st.sampled_from([0, 0, 1, -1])) * Decimal("0.01"), Decimal("0.01")
    )
    match kind:
        case "covered":
            return charge(record, rule="managed.covered", billed=length, rate=Decimal(0), amount=Decimal(0))
        case "reversal":
            return charge(record, rule="reversal", billed=-billed, rate=rate, amount=-amount)
        case "rounding":
            return charge(record, measured=timedelta(0), billed=billed, rate=rate, amount=amount)
        case _:
            return charge(record, billed=billed, rate=rate, amount=amount)


STATEMENTS = lines_and_records()
