"""The columns of the files that any program can read: one table for CSV, XLSX, JSON and its schema."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from msp_ops.domain.record import record
from msp_ops.domain.time_entry import TimeEntry
from msp_ops.exports.api import stamp
from msp_ops.exports.shares import hours, rounded_steps

Cell = str | int | Decimal | bool | None
_STEPS = 10_000


@record
class Column:
    """What a column is called, what it holds and what it means."""

    name: str
    kind: Literal["text", "whole", "decimal", "yes-no"]
    says: str
    value: Callable[[TimeEntry], Cell]
    always: bool = True


def _seconds(span: timedelta) -> int:
    return span // timedelta(seconds=1)


COLUMNS: tuple[Column, ...] = (
    Column(name="id", kind="text", says="the same in every export", value=lambda e: e.id),
    Column(name="client", kind="text", says="our id of the client", value=lambda e: e.client_id),
    Column(name="month", kind="text", says="the month that is billed", value=lambda e: f"{e.month:%Y-%m}"),
    Column(
        name="status",
        kind="text",
        says="closed, or draft: it may change",
        value=lambda e: "draft" if e.draft else "closed",
    ),
    Column(name="contract", kind="text", says="what prices it", value=lambda e: e.contract_id, always=False),
    Column(name="activity", kind="text", says="what kind of work", value=lambda e: e.activity, always=False),
    Column(name="ticket", kind="text", says="as it was given", value=lambda e: e.ticket, always=False),
    Column(
        name="person", kind="text", says="who worked; empty: nobody sat there", value=lambda e: e.person, always=False
    ),
    Column(name="role", kind="text", says="by which the rate was chosen", value=lambda e: e.role, always=False),
    Column(
        name="started_at",
        kind="text",
        says="UTC, ISO 8601; empty: no time, but a fee or a correction",
        value=lambda e: stamp(e.started_at) if e.started_at else None,
        always=False,
    ),
    Column(
        name="ended_at",
        kind="text",
        says="UTC: the start and the time worked",
        value=lambda e: stamp(e.ended_at) if e.ended_at else None,
        always=False,
    ),
    Column(name="worked_seconds", kind="whole", says="measured", value=lambda e: _seconds(e.worked)),
    Column(name="billed_seconds", kind="whole", says="after rounding", value=lambda e: _seconds(e.billed)),
    Column(
        name="hour_class", kind="text", says="business, after-hours, weekend, holiday", value=lambda e: e.hour_class
    ),
    Column(name="place", kind="text", says="remote or on-site", value=lambda e: e.place),
    Column(name="rule", kind="text", says="which rule priced it", value=lambda e: e.rule),
    Column(name="reason", kind="text", says="why, in words", value=lambda e: e.reason),
    Column(name="rate", kind="decimal", says="of a billed hour, the multiplier in it", value=lambda e: e.rate),
    Column(name="multiplier", kind="decimal", says="of the hour class", value=lambda e: e.multiplier),
    Column(name="amount", kind="decimal", says="before tax", value=lambda e: e.amount),
    Column(name="currency", kind="text", says="ISO 4217", value=lambda e: e.currency),
    Column(name="tax", kind="text", says="the contract's label", value=lambda e: e.tax),
    Column(name="billable", kind="yes-no", says="whether it has a price", value=lambda e: e.billable),
    Column(name="text", kind="text", says="for the client", value=lambda e: e.text),
    Column(name="internal_text", kind="text", says="for our own people", value=lambda e: e.internal),
    Column(name="reverses", kind="text", says="the line that it takes back", value=lambda e: e.reverses, always=False),
)


def billed_hours(entries: Sequence[TimeEntry]) -> Decimal:
    """Together, as decimal hours."""
    return _hours([each.billed for each in entries])


def worked_hours(entries: Sequence[TimeEntry]) -> Decimal:
    """Together, as decimal hours."""
    return _hours([each.worked for each in entries])


def _hours(spans: Sequence[timedelta]) -> Decimal:
    return hours(rounded_steps(sum(spans, timedelta(0)), _STEPS), _STEPS)


def billed_hours_each(entries: Sequence[TimeEntry]) -> tuple[Decimal, ...]:
    """Of each entry, by running sums: together they are `billed_hours`."""
    so_far, given, parts = timedelta(0), 0, []
    for entry in entries:
        so_far += entry.billed
        due = rounded_steps(so_far, _STEPS)
        parts.append(hours(due - given, _STEPS))
        given = due
    return tuple(parts)
