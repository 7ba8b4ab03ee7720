"""An entry that crosses midnight UTC as one piece a day: the same seconds, the same cents."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from msp_ops.domain.time_entry import TimeEntry
from msp_ops.exports.shares import money_shares

_NOTHING = timedelta(0)
_DAY = timedelta(days=1)


def pieces_of(entry: TimeEntry) -> tuple[TimeEntry, ...]:
    """Cut at each midnight UTC, so none is longer than 24 h; `ID-1`, `ID-2`. One that crosses none stays as it is.

    What was billed beyond the work lies behind its last minute, what was forgiven is taken from its end.
    """
    spans = _spans(entry)
    if len(spans) < 2:
        return (entry,)
    billed = _billed([end - start for start, end in spans], entry.billed)
    parts = [each // timedelta(seconds=1) for each in (billed if entry.billed else [b - a for a, b in spans])]
    amounts = money_shares(entry.amount, parts, entry.currency)
    return tuple(
        replace(
            entry,
            id=f"{entry.id}-{number}",
            started_at=start,
            ended_at=end,
            worked=end - start,
            billed=time,
            amount=amount,
        )
        for number, ((start, end), time, amount) in enumerate(zip(spans, billed, amounts, strict=True), 1)
    )


def _spans(entry: TimeEntry) -> list[tuple[datetime, datetime]]:
    if entry.started_at is None or entry.ended_at is None:
        return []
    start, spans = entry.started_at, []
    while start < entry.ended_at:
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
        spans.append((start, min(midnight, entry.ended_at)))
        start = midnight
    return spans


def _billed(worked: Sequence[timedelta], billed: timedelta) -> list[timedelta]:
    left, shares = billed, []
    for span in worked[:-1]:
        shares.append(min(span, left))
        left -= shares[-1]
    return [*shares, left]
