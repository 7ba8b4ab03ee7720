"""Time that nobody measured: written down afterwards, in the client's own time, and marked as such."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msp_ops.billing.charges import charge
from msp_ops.calendar.zones import zone as zone_named
from msp_ops.domain.client import Client
from msp_ops.domain.clock import Interval
from msp_ops.domain.duration import read_duration
from msp_ops.domain.errors import PlanError
from msp_ops.domain.hours import WEEKDAYS
from msp_ops.domain.record import record
from msp_ops.domain.work import WorkRecord
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.time_asked import TimeAsked, new_id
from msp_ops.journeys.time_moments import moment_of, says_its_day, span_of, today
from msp_ops.journeys.time_timer import LONG

NO_BOOT = "by hand"  # no clock measured it
_NOON = time(12)
_DAY = timedelta(days=1)


@record
class SpanWords:
    """When it was, as it was typed: two of begin, end and length, or the length and its day."""

    begin: str
    end: str
    length: str
    day: str


def add_by_hand(parts: Parts, asked: TimeAsked, words: SpanWords) -> WorkRecord:
    """The record, with its first price. PlanError when the span cannot be meant, or lies in the future."""
    now = parts.clock.now()
    begin, end, flags = _Span(asked.client, words, now).read()
    length = span_of(begin, end)
    if end > now:
        raise PlanError(
            f"the work would end at {end:%Y-%m-%d %H:%M}Z, which is still to come: write down what was done"
        )
    if not asked.note:
        raise PlanError("say what was done: --note '...'; time that nobody measured needs a word")
    name = new_id(parts.clock)
    work = WorkRecord(
        id=f"w-{name}",
        run_id=None,
        client_id=asked.client.id,
        activity=asked.activity,
        host_ids=asked.host_ids,
        ticket=asked.ticket,
        person=asked.person,
        machine=None,
        attended=Interval(started_at=begin, ended_at=end, duration=length, boot_id=NO_BOOT),
        flags=(*flags, *(("long",) if length > LONG else ())),
        source="hand",
        place=asked.place,
        note=asked.note,
        noted_at=now,
    )
    parts.store.work.add(
        work, charge(work, asked.client, succeeded=True, role=parts.workspace.msp.role_of(work.person))
    )
    return work


class _Span:
    """Reads the words by the client's calendar."""

    def __init__(self, client: Client, words: SpanWords, now: datetime) -> None:
        self._client = client
        self._words = words
        self._now = now
        self._zone: ZoneInfo = zone_named(client.timezone)
        self._day = _day(words.day) if words.day else today(now, self._zone)

    def read(self) -> tuple[datetime, datetime, tuple[str, ...]]:
        """In UTC, with what a person should know of it."""
        words = self._words
        if words.begin and words.end and not words.length:
            return *self._from_to(), ()
        if words.length and not (words.begin and words.end):
            return self._with_length(_length(words.length))
        raise PlanError("say when: --from 09:00 --to 10:30, or --from 09:00 --for 45m, or --for 45m --on 2026-11-03")

    def _from_to(self) -> tuple[datetime, datetime]:
        begin = self._moment(self._words.begin, "--from")
        end = self._moment(self._words.end, "--to")
        if end <= begin and not says_its_day(self._words.end):
            return begin, self._past_midnight(begin)
        return begin, end

    def _past_midnight(self, begin: datetime) -> datetime:
        """`--from 23:30 --to 00:45`."""
        next_day = begin.astimezone(self._zone).date() + _DAY
        end = moment_of(self._words.end, next_day, self._zone, "--to")
        if end - begin > LONG:
            raise PlanError(
                f"--to {self._words.end} is not after --from {self._words.begin}; if it was the next day, say so: "
                f"--to '{next_day} {self._words.end}'"
            )
        return end

    def _with_length(self, length: timedelta) -> tuple[datetime, datetime, tuple[str, ...]]:
        if self._words.begin:
            begin = self._moment(self._words.begin, "--from")
            return begin, begin + length, ()
        if self._words.end or self._day == today(self._now, self._zone):
            end = self._moment(self._words.end, "--to") if self._words.end else self._now
            return end - length, end, ()
        begin = self._opening()
        return begin, begin + length, ("hour-assumed",) if self._client.hours.open else ()

    def _opening(self) -> datetime:
        """When the client opens on that day; noon when it does not."""
        day = WEEKDAYS[self._day.weekday()]
        begins = [span.start for span in self._client.hours.open if day in span.days]
        local = datetime.combine(self._day, min(begins, default=_NOON), self._zone)
        return local.astimezone(UTC)

    def _moment(self, words: str, option: str) -> datetime:
        return moment_of(words, self._day, self._zone, option)


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise PlanError(f"--on {words}: that is no day; write for example 2026-11-03") from None


def _length(words: str) -> timedelta:
    try:
        length = read_duration(words)
    except ValueError as mistake:
        raise PlanError(f"--for {mistake}") from None
    if length <= timedelta(0):
        raise PlanError(f"--for {words}: that is no time at all")
    return length
