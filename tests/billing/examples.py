"""Reads worked examples: what a person wrote becomes a client, entries, and what must come out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import yaml

from msp_ops.billing.entry import Entry
from msp_ops.billing.month import PricedMonth, price_month
from msp_ops.calendar.zones import in_utc, zone
from msp_ops.domain.client import Client
from msp_ops.domain.duration import read_duration
from msp_ops.domain.ledger import Decision
from msp_ops.domain.work import Charge, Span
from msp_ops.files.client_file import load_client
from tests.billing.cast import interval, work
from tests.files.cast import write

EXAMPLES = Path(__file__).with_name("worked_examples.yaml")
ALL = yaml.load(EXAMPLES.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # texts only


def client_of(example, folder: Path) -> Client:
    said = {"name": "Acme", "sites": [], "credentials": {}, "timezone": "Europe/Berlin", "currency": "EUR"}
    said |= {key: example[key] for key in ("timezone", "currency", "hours", "contracts") if key in example}
    return load_client(write(folder / "acme.yaml", yaml.safe_dump(said, allow_unicode=True)))


def moment(text: str, place: str) -> datetime:
    if text.endswith("Z"):
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    return in_utc(datetime.fromisoformat(text).replace(tzinfo=zone(place)))


def entries(lines, example, place: str) -> Iterator[Entry]:
    for line in lines:
        times, every = int(line.get("times", 1)), read_duration(line.get("every", "1h"))
        for number in range(times):
            entry = _entry(line, example, moment(line["at"], place) + number * every)
            yield entry if times == 1 else _named(entry, f"{line['id']}{number:02}")


def _named(entry: Entry, name: str) -> Entry:
    return replace(entry, record=replace(entry.record, id=name))


def _entry(line, example, at: datetime) -> Entry:
    who = None if "ran" in line else line.get("who", "kim")
    took = read_duration(line.get("took") or line["ran"])
    role = example.get("people", {}).get(who)
    decided = line.get("decided")
    made = work(took, took if who else None, activity=line.get("activity", "break/fix"), started_at=at)
    record = replace(
        made,
        id=line["id"],
        client_id=line.get("client", "acme"),
        ticket=line.get("ticket"),
        person=who,
        place=line.get("place", "remote"),
        host_ids=tuple(f"h{number}" for number in range(int(line.get("hosts", 1)))),
        machine=interval(took, at),
    )
    said = Decision(
        record_id=line["id"], contract_id=None if decided == "nothing" else decided, by="kim", reason="so", at=at
    )
    return Entry(
        record=record,
        succeeded=line.get("succeeded") != "false",
        role=None if role in {None, "null"} else role,
        decision=said if decided else None,
        frozen=(Span(started_at=at, ended_at=at + took),) if line.get("frozen") == "true" else None,
    )


def month_of(example) -> date:
    return date.fromisoformat(f"{example.get('month', '2026-11')}-01")


def earlier_of(example) -> dict[date, list[Charge]]:
    said = example.get("earlier", {})
    return {date.fromisoformat(f"{month}-01"): [drawn("block", read_duration(span))] for month, span in said.items()}


def drawn(contract_id: str, span: timedelta) -> Charge:
    return Charge(
        record_id="w-0",
        contract_id=contract_id,
        rule="block.drawn",
        reason="",
        measured=span,
        billed=span,
        rate=Decimal(0),
        amount=Decimal(0),
        currency="EUR",
        drawn=span,
    )


def priced(example, folder: Path) -> PricedMonth:
    client = client_of(example, folder)
    here = list(entries(example["work"], example, client.timezone))
    elsewhere = list(entries(example.get("elsewhere", ()), example, client.timezone))
    return price_month(client, month_of(example), here, elsewhere, earlier_of(example))
