"""Windows, freezes and permits around changes of the clocks, against a model that looks at every minute."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from msp_ops.calendar.closing import closes_at
from msp_ops.calendar.occurrences import occurrences
from msp_ops.calendar.openings import is_open, next_opening, window_openings
from msp_ops.calendar.permits import permit, too_late
from msp_ops.domain.client import Client
from msp_ops.domain.schedule import Freeze, Schedule, Window
from msp_ops.domain.trigger import Event, OnDemand, Scheduled, Trigger
from tests.calendar.cast import acme, runbook
from tests.calendar.minutes import DAY, LONGEST, MINUTE, RULES, Days, Minutes
from tests.calendar.transitions import transitions

BY_CALENDAR = Scheduled(occurrence="o1")
BY_PERSON = OnDemand(ticket="T-7", reason="nginx is down")
BY_EVENT = Event(source="monitoring", key="web1/nginx")

quick = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),  # to explain a failure takes minutes here
)
a_rule = st.sampled_from(sorted(RULES))
a_start = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
a_length = st.integers(1, LONGEST // MINUTE).map(lambda number: number * MINUTE)
a_window = st.builds(Window, id=st.just("w"), rrule=a_rule, start=a_start, duration=a_length)


@dataclass
class Nights:
    """A client around one change of the clocks, and what a model says of it."""

    client: Client
    first: datetime
    last: datetime

    def __post_init__(self) -> None:
        self.minutes = Minutes(self.client.timezone, self.first, self.last)
        self.model = Days(self.client, self.minutes)

    def schedules(self) -> list[Schedule]:
        own = Schedule(id="own", runbook="patch-linux", rrule="FREQ=DAILY", start=time(2, 30))
        return [own] + [Schedule(id=each.id, runbook="patch-linux", window=each.id) for each in self.client.windows]

    def permits(self) -> Iterable[tuple[Trigger, Schedule | None, set[datetime]]]:
        """Who may ask, with the minutes at which a change may begin."""
        unfrozen = set(self.minutes.all()) - self.model.frozen
        yield BY_PERSON, None, unfrozen
        yield BY_EVENT, None, unfrozen & self.model.any_open if self.client.windows else unfrozen
        yield BY_CALENDAR, None, set()
        for schedule in self.schedules():
            yield BY_CALENDAR, schedule, unfrozen & self.model.open[schedule.window] if schedule.window else unfrozen


@st.composite
def nights(draw):
    zone_name, change = draw(st.sampled_from(transitions()))
    first, last = change - 2 * DAY, change + 2 * DAY
    windows = [replace(each, id=f"w{number}") for number, each in enumerate(draw(st.lists(a_window, max_size=2)))]
    frozen = draw(st.none() | st.tuples(st.integers(-2, 2), st.integers(0, 2)))
    day = change.date() + timedelta(days=frozen[0]) if frozen else None
    freezes = (Freeze(first_day=day, last_day=day + timedelta(days=frozen[1]), reason="stocktaking"),) if day else ()
    client = replace(acme(zone_name), windows=tuple(windows), freezes=freezes, schedules=())
    return Nights(client, first, last)


def edges(minutes: set[datetime], first: datetime, last: datetime) -> list[datetime]:
    """The minutes beside every change between open and closed, where mistakes live, and both ends of the span."""
    changes = {at for at in minutes if not {at - MINUTE, at + MINUTE} <= minutes}
    return sorted(
        at for each in changes | {first, last} for at in (each - MINUTE, each, each + MINUTE) if first <= at <= last
    )


@quick
@given(nights(), a_window)
def test_a_window_is_open_in_the_minutes_of_the_model_and_in_no_other(seen, window):
    zone_name, expected = seen.client.timezone, seen.minutes.open(window)
    found = window_openings(window, zone_name, seen.first - window.duration, seen.last)
    covered = {
        minute for minute in seen.minutes.all() if any(each.opened_at <= minute < each.closes_at for each in found)
    }
    assert covered == expected & set(seen.minutes.all())
    for at in edges(expected, seen.first, seen.last):
        opening = is_open(window, zone_name, at)
        assert (opening is not None) == (at in expected)
        assert opening is None or opening.opened_at <= at < opening.closes_at


@quick
@given(nights(), a_window)
def test_every_opening_of_the_model_is_found_once_and_the_next_one_is_the_next(seen, window):
    starts = [at for at in seen.minutes.starts(window.rrule, window.start) if at > seen.first]
    found = window_openings(window, seen.client.timezone, seen.first, seen.last)
    assert [each.opened_at for each in found] == starts
    coming = next_opening(window, seen.client.timezone, seen.first)
    assert coming is not None
    assert coming.opened_at == starts[0] if starts else coming.opened_at > seen.last


@quick
@given(nights(), st.data())
def test_a_change_may_begin_in_the_minutes_of_the_model_and_in_no_other(seen, data):
    for trigger, schedule, expected in seen.permits():
        beside = edges(expected, seen.first, seen.last)
        anywhere = data.draw(st.lists(st.integers(0, 4 * DAY // MINUTE), min_size=8, max_size=8))
        for at in [*beside, *(seen.first + number * MINUTE for number in anywhere)]:
            judged = permit(seen.client, runbook(), trigger, schedule, at)
            assert judged.granted == (at in expected), (trigger, schedule, at)
            outside = trigger == BY_PERSON and bool(seen.client.windows) and at not in seen.model.any_open
            assert bool(judged.remarks) == outside
            assert permit(seen.client, runbook("read-only"), trigger, schedule, at).granted


@quick
@given(nights(), st.integers(0, 4 * DAY // MINUTE))
def test_a_permit_ends_in_the_first_minute_that_the_model_refuses(seen, number):
    at = seen.first + number * MINUTE
    for trigger, schedule, expected in seen.permits():
        refused = next((minute for minute in seen.minutes.all() if minute >= at and minute not in expected), None)
        end = closes_at(seen.client, runbook(), trigger, schedule, at)
        assert end == refused if refused else end is None or end > seen.last


@quick
@given(nights(), st.sampled_from([timedelta(minutes=5), timedelta(hours=1), LONGEST]))
def test_every_planned_time_comes_once_and_may_begin_only_while_its_window_is_open(seen, latest_start):
    for each in seen.schedules():
        schedule = replace(each, latest_start=latest_start)
        found = occurrences(schedule, seen.client, seen.first, seen.last)
        rule, start = (schedule.rrule, schedule.start) if schedule.window is None else window_times(seen, schedule)
        assert [one.planned_at for one in found] == [at for at in seen.minutes.starts(rule, start) if at > seen.first]
        assert len({one.id for one in found}) == len(found)
        for one in found:
            assert too_late(one, seen.client, one.planned_at) is None
            assert too_late(one, seen.client, one.latest_start_at) is None
            assert too_late(one, seen.client, one.latest_start_at + MINUTE)
            last = min(one.latest_start_at, seen.last + MINUTE) - MINUTE
            assert schedule.window is None or last in seen.model.open[schedule.window]


def window_times(seen: Nights, schedule: Schedule) -> tuple[str, time]:
    return next((window.rrule, window.start) for window in seen.client.windows if window.id == schedule.window)
