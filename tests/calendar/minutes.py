"""The calendar by brute force: every minute is looked at, and of the calendar only its rules of zones are used."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.schedule import Freeze, Window

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONGEST = timedelta(hours=30)  # of the windows that are tried
MONDAY = date(2001, 1, 1)

RULES: dict[str, Callable[[date], bool]] = {
    "FREQ=DAILY": lambda _day: True,
    "FREQ=DAILY;INTERVAL=3": lambda day: (day - MONDAY).days % 3 == 0,
    "FREQ=WEEKLY;BYDAY=SA,SU": lambda day: day.weekday() in {5, 6},
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU": lambda day: day.weekday() == 6 and (day - MONDAY).days // 7 % 2 == 0,
    "FREQ=MONTHLY;BYDAY=2SU": lambda day: day.weekday() == 6 and 8 <= day.day <= 14,
    "FREQ=MONTHLY;BYDAY=-1SU": lambda day: day.weekday() == 6 and (day + 7 * DAY).month != day.month,
    "FREQ=MONTHLY;BYMONTHDAY=-1,1": lambda day: day.day == 1 or (day + DAY).day == 1,
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU": lambda day: (
        day.month in {3, 10} and day.weekday() == 6 and (day + 7 * DAY).month != day.month
    ),
}
"""Rules, each with the days that it means."""


class Minutes:
    """What a clock on the wall of that zone shows in each minute from `first` to `last`, both whole minutes in UTC."""

    def __init__(self, zone_name: str, first: datetime, last: datetime) -> None:
        self.first, self.last = first, last
        self._begin = first - LONGEST - DAY  # what opened before may still be open
        self.shown: dict[datetime, datetime] = {}
        self._first_shown: dict[datetime, datetime] = {}
        before = None
        for at in _every_minute(self._begin, last):
            shown = at.astimezone(zone(zone_name)).replace(tzinfo=None)
            self.shown[at] = shown
            left_out = (shown - before) // MINUTE - 1 if before else 0
            for number in range(left_out):  # as if the clock had not been put forward yet
                assert before
                self._first_shown.setdefault(before + (number + 1) * MINUTE, at + number * MINUTE)
            self._first_shown.setdefault(shown, at)
            before = shown

    def starts(self, rule: str, start: time) -> list[datetime]:
        """The first minute that shows `start`, once for each day of the rule."""
        meant = [at for shown, at in self._first_shown.items() if shown.time() == start and RULES[rule](shown.date())]
        return sorted(at for at in meant if at <= self.last)

    def open(self, window: Window) -> set[datetime]:
        """Every minute at which the window is open."""
        opened = self.starts(window.rrule, window.start)
        return {minute for at in opened for minute in _every_minute(at, at + window.duration - MINUTE)}

    def frozen(self, freeze: Freeze) -> set[datetime]:
        """Every minute that shows one of its days."""
        return {at for at, shown in self.shown.items() if freeze.first_day <= shown.date() <= freeze.last_day}

    def all(self) -> Iterator[datetime]:
        return _every_minute(self.first, self.last)


class Days:
    """What is true of a client in each of these minutes."""

    def __init__(self, client: Client, minutes: Minutes) -> None:
        self.frozen = set[datetime]().union(*(minutes.frozen(freeze) for freeze in client.freezes))
        self.open = {window.id: minutes.open(window) for window in client.windows}
        self.any_open = set[datetime]().union(*self.open.values())


def _every_minute(first: datetime, last: datetime) -> Iterator[datetime]:
    assert first.tzinfo is UTC
    while first <= last:
        yield first
        first += MINUTE
