"""Time passes, workers come, die and come late, people edit, skip and pause: every planned time has exactly one end.

And whatever happened, a host was told to change something only in a minute in which a model that looks at every minute
says that its window is open and that nothing is frozen.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.occurrence import Occurrence, OccurrenceState
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.schedule import Freeze, Schedule, Window
from msp_ops.journeys.occurrences import run_occurrence
from msp_ops.journeys.schedules import end_missed, plan_ahead
from msp_ops.store import Store, open_store
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.calendar.minutes import DAY, MINUTE, Days, Minutes
from tests.engine.parts import ACME, StandingClock, disk_answer, runbook
from tests.journeys.cast import parts_with
from tests.store.cast import TestMachine

CHANGES = {
    "Europe/Berlin": datetime(2026, 3, 29, 1, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 6, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # by half an hour
    "Antarctica/Troll": datetime(2026, 10, 25, 1, tzinfo=UTC),  # by two hours
}
"""The first minute after the clocks changed, in zones that are unlike each other."""
NIGHT = Window(id="night", rrule="FREQ=DAILY", start=time(1, 30), duration=timedelta(minutes=150))
SUNDAYS = Window(id="sundays", rrule="FREQ=WEEKLY;BYDAY=SA,SU", start=time(22), duration=timedelta(hours=9))
SCHEDULES = tuple(
    Schedule(id=window.id, runbook="fix-disk", window=window.id, rollout=Rollout(batch=1), latest_start=DAY)
    for window in (NIGHT, SUNDAYS)
)
workers, places = st.integers(0, 1), st.integers(0, 9)
lateness = st.sampled_from([0, 0, 1, 59, 100, 149, 150, 151, 239, 240, 241])  # minutes: windows end there
spans = st.sampled_from([1, 7, 30, 61, 300])


class Nights(RuleBasedStateMachine):
    """One client, one store, two workers, around one change of the clocks."""

    changes_seen = 0
    ends_seen: set[OccurrenceState] = set()  # noqa: RUF012  # over all examples: that they are not empty tales

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = StandingClock()
        self.dead: set[int] = set()
        self.told: list[tuple[str, datetime]] = []
        self.ended: dict[str, Occurrence] = {}
        self.change_takes = timedelta(0)
        self.stores = [self.opened(pid) for pid in (1, 2)]

    def opened(self, pid: int) -> Store:
        return open_store(f"sqlite:///{self.folder.name}/store.db", self.clock, TestMachine(self.dead, pid))

    def teardown(self) -> None:
        try:
            if hasattr(self, "client"):
                self.everything_has_an_end()
        finally:
            for store in self.stores:
                store.close()
            self.folder.cleanup()

    @initialize(
        zone_name=st.sampled_from(sorted(CHANGES)),
        before=st.integers(0, 40 * 60),
        frozen=st.sampled_from([None, -1, 0, 0, 1]),
    )
    def begin(self, zone_name: str, before: int, frozen: int | None) -> None:
        change = CHANGES[zone_name]
        self.clock.at = change - before * MINUTE
        self.minutes = Minutes(zone_name, change - 2 * DAY, change + 5 * DAY)
        self.client = replace(ACME, timezone=zone_name, windows=(NIGHT, SUNDAYS), schedules=SCHEDULES)
        if frozen is not None:
            day = change.date() + timedelta(days=frozen)
            freeze = Freeze(first_day=day, last_day=day, reason="stocktaking")
            self.client = replace(self.client, freezes=(freeze,))
        self.plan()

    def parts(self, by: int = 0):
        host = FakeHost(looked=disk_answer("40%"), changed=self.changed)
        books = (runbook(expected=timedelta(0)),)
        return parts_with(
            self.stores[by], self.clock, {"a": host, "b": host}, self.client, books, Path(self.folder.name)
        )

    def changed(self, _script: str) -> Answer:
        self.told.append((self.at_work, self.clock.now()))
        self.clock.pass_time(self.change_takes)
        return Answer(exit_code=0, output=b"")

    def planned(self) -> list[Occurrence]:
        """Of the windows; the time for summaries touches no host."""
        return [each for each in self.stores[0].occurrences.list() if each.schedule_id != "summaries"]

    def chosen(self, place: int) -> Occurrence:
        """One that is near, most often one that is due."""
        now, every = self.clock.now(), self.planned()
        due = [each for each in every if each.state is OccurrenceState.PLANNED and each.planned_at <= now]
        return (due or every)[place % len(due or every)]

    # what happens

    @rule(minutes=spans)
    def time_passes(self, minutes: int) -> None:
        if self.clock.now() + minutes * MINUTE < self.minutes.last - DAY:
            self.clock.pass_time(minutes * MINUTE)

    @rule(late=lateness)
    def the_next_planned_time_comes(self, late: int) -> None:
        coming = [each.planned_at for each in self.planned() if each.planned_at > self.clock.now()]
        self.time_passes((min(coming) - self.clock.now()) // MINUTE + late if coming else 1)

    @rule()
    def plan(self) -> None:
        plan_ahead(self.parts())

    @rule()
    def somebody_looks_what_was_missed(self) -> None:
        end_missed(self.parts())

    @rule(place=places, by=workers, takes=st.sampled_from([0, 10, 40, 100]))
    def a_worker_comes(self, place: int, by: int, takes: int) -> None:
        occurrence = self.chosen(place)
        self.at_work, self.change_takes = occurrence.schedule_id, takes * MINUTE
        with suppress(NotPermitted):
            run_occurrence(self.parts(by), occurrence.id)
        if occurrence.state is OccurrenceState.PLANNED and occurrence.planned_at <= self.clock.now():
            assert not self.stores[0].occurrences.read(occurrence.id).state.is_open

    @rule(late=lateness, takes=st.sampled_from([0, 10, 40, 100]))
    def the_next_planned_time_comes_and_a_worker_with_it(self, late: int, takes: int) -> None:
        self.the_next_planned_time_comes(late)
        self.a_worker_comes(-1, 0, takes)

    @precondition(lambda self: not self.dead)
    @rule(place=places)
    def a_worker_claims_and_dies(self, place: int) -> None:
        with suppress(NotPermitted), self.opened(7) as store:
            store.occurrences.claim(self.chosen(place).id, "worker 7")
            self.dead.add(7)

    @rule(place=places)
    def a_person_skips(self, place: int) -> None:
        with suppress(NotPermitted):
            self.stores[0].occurrences.skip(self.chosen(place).id, "kim", "trade fair")

    @rule(hours=st.sampled_from([1, 2.5, 4]))
    def a_person_edits_the_window(self, hours: float) -> None:
        night = replace(NIGHT, duration=timedelta(hours=hours))
        self.client = replace(self.client, windows=(night, SUNDAYS))
        self.plan()

    # what must be true

    def model(self) -> Days:
        return Days(self.client, self.minutes)

    @invariant()
    def nothing_was_changed_in_a_minute_that_is_closed(self) -> None:
        model = self.model() if self.told else None
        for schedule_id, at in self.told:
            assert model
            assert at in model.open[schedule_id]
            assert at not in model.frozen
        type(self).changes_seen += len(self.told)
        self.told.clear()

    @invariant()
    def an_end_is_for_ever(self) -> None:
        now = {each.id: each for each in self.planned()}
        for occurrence_id, ended in self.ended.items():
            assert now[occurrence_id] == ended
        revivable = {OccurrenceState.SUPERSEDED}  # a file that is changed back
        self.ended = {each.id: each for each in now.values() if not each.state.is_open and each.state not in revivable}

    @invariant()
    def a_planned_time_became_one_run_at_most(self) -> None:
        triggers = [run.trigger for run in self.stores[0].runs.list()]
        assert len(triggers) == len(set(map(str, triggers)))

    def everything_has_an_end(self) -> None:
        self.clock.pass_time(3 * DAY)
        end_missed(self.parts())
        horizon = self.clock.now() - DAY - NIGHT.duration
        for each in self.past(horizon):
            assert not each.state.is_open
            self.ends_seen.add(each.state)

    def past(self, horizon: datetime) -> Iterator[Occurrence]:
        return (each for each in self.planned() if each.latest_start_at < horizon)


def test_every_planned_time_has_one_end_and_nothing_is_changed_in_a_closed_minute():
    run_state_machine_as_test(
        Nights,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert Nights.changes_seen > 20
    assert Nights.ends_seen == set(OccurrenceState) - {OccurrenceState.PLANNED, OccurrenceState.CLAIMED}
