"""Whose minute is it: what a person's earlier record holds is not counted again, for whichever client."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime

from msp_ops.billing.entry import Entry, in_order, span_of
from msp_ops.domain.record import record
from msp_ops.domain.work import Span, WorkRecord


@record
class Held:
    """A span that another record of the same person counts already."""

    span: Span
    by: WorkRecord


@record
class Counted:
    """What of a record is its own, in order, and what others hold."""

    own: tuple[Span, ...] = ()
    held: tuple[Held, ...] = ()


class _Person:
    """The spans that are taken, in order; no two overlap."""

    def __init__(self) -> None:
        self._starts: list[datetime] = []
        self._taken: list[Held] = []

    def count(self, span: Span) -> Counted:
        held = tuple(self._overlaps(span))
        own, at = [], span.started_at
        for each in held:
            own.append(Span(started_at=at, ended_at=each.span.started_at))
            at = each.span.ended_at
        own.append(Span(started_at=at, ended_at=span.ended_at))
        return Counted(own=tuple(part for part in own if part.length), held=held)

    def take(self, counted: Counted, by: WorkRecord) -> None:
        for span in counted.own:
            place = bisect_left(self._starts, span.started_at)
            self._starts.insert(place, span.started_at)
            self._taken.insert(place, Held(span=span, by=by))

    def _overlaps(self, span: Span) -> Iterator[Held]:
        first = max(bisect_right(self._starts, span.started_at) - 1, 0)
        for taken in self._taken[first : bisect_left(self._starts, span.ended_at)]:
            started_at = max(span.started_at, taken.span.started_at)
            ended_at = min(span.ended_at, taken.span.ended_at)
            if started_at < ended_at:
                yield Held(span=Span(started_at=started_at, ended_at=ended_at), by=taken.by)


def whose_minutes(entries: Iterable[Entry]) -> dict[str, Counted]:
    """By record id: first what closed months counted, for that never changes, then in the order of their start.

    Work that nobody attended takes no person's time. What costs nothing anyway holds no minute of what does cost.
    """
    persons: dict[str, _Person] = {}
    counted: dict[str, Counted] = {}
    for entry in sorted(entries, key=lambda each: (each.frozen is None, *in_order(each))):
        work = entry.record
        if work.person is None or work.attended is None or (entry.is_free and entry.frozen is None):
            counted[work.id] = Counted(own=_whole(work))
            continue
        wanted = _whole(work) if entry.frozen is None else entry.frozen
        person = persons.setdefault(work.person, _Person())
        parts = [person.count(span) for span in wanted]
        counted[work.id] = Counted(
            own=tuple(span for part in parts for span in part.own),
            held=tuple(one for part in parts for one in part.held),
        )
        person.take(counted[work.id], work)
    return counted


def _whole(work: WorkRecord) -> tuple[Span, ...]:
    span = span_of(work)
    return () if span is None else (span,)
