"""Runs, leases, deaths, thefts and stops in any order: the store does what a model of a few dicts says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from msp_ops.domain.errors import HostBusy, MspOpsError, NotPermitted, Stopped, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease
from msp_ops.domain.stop import StopOrder
from msp_ops.store import Store
from tests.store.cast import KIM, NOON, TICKET, parcel, plan, resolution, result, work
from tests.store.conftest import Opener

HOSTS = ("web1", "db1")
PROCESSES = range(3)
Refusal = type[MspOpsError] | None
strangers = st.sampled_from([None] * 6 + [*PROCESSES])  # None: the process that opened the run
processes, places = st.sampled_from(PROCESSES), st.integers(0, 9)
hosts = st.sampled_from(["web1", "web1", "web1", "db1"])  # they must meet to quarrel


@dataclass
class ModelHost:
    begun: bool = False
    result: Outcome | None = None
    resolution: Outcome | None = None


@dataclass
class ModelRun:
    process: int
    is_open: bool = True
    hosts: dict[str, ModelHost] = field(default_factory=lambda: {host: ModelHost() for host in HOSTS})


class Course(RuleBasedStateMachine):
    """One example; a client of its own, so that the store can be shared."""

    numbers = count()

    def __init__(self, opener: Opener, dead: set[int]) -> None:
        super().__init__()
        number = next(self.numbers)
        self.name = f"c{number}"
        self.pids = [len(PROCESSES) * number + each + 1 for each in PROCESSES]
        self.dead = dead
        self.stores: list[Store] = [opener(pid=pid) for pid in self.pids]
        self.runs: dict[str, ModelRun] = {}
        self.holders: dict[str, tuple[str | None, int]] = {}
        self.given: list[tuple[int, str, str, Lease]] = []
        self.left: set[int] = set()
        self.stopped = False
        self.parcels = count()

    def teardown(self) -> None:
        self.stores[0].stops.lift("kim")
        for store in self.stores:
            store.close()

    # what is expected

    def at_work(self, run_id: str) -> bool:
        run = self.runs[run_id]
        return run.is_open and run.process not in self.left and self.pids[run.process] not in self.dead

    def outcome(self, run_id: str, host_id: str) -> Outcome | None:
        host = self.runs[run_id].hosts[host_id]
        if host.resolution is not None or host.result is not None:
            return host.result if host.resolution is None else host.resolution
        if self.at_work(run_id):
            return None
        return Outcome.UNKNOWN if host.begun else Outcome.DEFERRED

    def refusal_of_work(self, by: int, run_id: str) -> Refusal:
        run = self.runs[run_id]
        return None if run.is_open and run.process == by and by not in self.left else NotPermitted

    def refusal_of_lease(self, run_id: str, host_id: str) -> Refusal:
        if self.runs[run_id].hosts[host_id].result is not None:
            return NotPermitted
        if any(self.outcome(other, host_id) is Outcome.UNKNOWN for other in self.runs):
            return NotPermitted
        holder = self.holders.get(host_id, (None, 0))[0]
        return HostBusy if holder not in {None, run_id} and self.at_work(holder) else None

    def free(self, run_id: str, host_id: str) -> None:
        holder, token = self.holders.get(host_id, (None, 0))
        if holder == run_id:
            self.holders[host_id] = (None, token)

    # what happens

    def awake(self, number: int) -> Store:
        """Who acts is awake, whatever others thought of it before."""
        self.dead.discard(self.pids[number])
        return self.stores[number]

    def chosen(self, place: int, fit: Callable[[str], bool] = lambda _run_id: True) -> str:
        """One that fits, if there is one: what is refused anyway teaches little."""
        every = [run_id for run_id in self.runs if fit(run_id)] or [*self.runs]
        return every[place % len(every)]

    def has_unknown(self, run_id: str) -> bool:
        return any(self.outcome(run_id, host_id) is Outcome.UNKNOWN for host_id in HOSTS)

    def attempt(self, expected: Refusal, act: Callable[[], object]) -> object:
        if expected is None:
            return act()
        with pytest.raises(expected) as refusal:
            act()
        assert refusal.type is expected
        return None

    @precondition(lambda self: len(self.runs) < 4)
    @rule(by=processes)
    def open_run(self, by: int) -> None:
        run_id = f"{self.name}-{len(self.runs)}"
        expected = Stopped if self.stopped else NotPermitted if by in self.left else None
        asked = plan(*HOSTS, client=self.name)
        self.attempt(expected, lambda: self.awake(by).journal.open_run(run_id, asked, TICKET, KIM))
        if expected is None:
            self.runs[run_id] = ModelRun(process=by)

    @precondition(lambda self: self.runs)
    @rule(by=strangers, place=places, host_id=hosts)
    def take_host(self, by: int | None, place: int, host_id: str) -> None:
        run_id = self.chosen(place, self.at_work)
        self.take_for(run_id, self.runs[run_id].process if by is None else by, host_id)

    def take_for(self, run_id: str, by: int, host_id: str) -> None:
        store = self.awake(by)
        expected = self.refusal_of_work(by, run_id) or self.refusal_of_lease(run_id, host_id)
        lease = self.attempt(expected, lambda: store.journal.take_host(run_id, host_id))
        if isinstance(lease, Lease):
            holder, token = self.holders.get(host_id, (None, 0))
            assert lease.token == token if holder == run_id else lease.token > self.highest()
            self.holders[host_id] = (run_id, lease.token)
            self.given.append((by, run_id, host_id, lease))

    def highest(self) -> int:
        return max((lease.token for *_, lease in self.given), default=0)

    @precondition(lambda self: self.given)
    @rule(place=places)
    def intend(self, place: int) -> None:
        self.intend_with(*self.given[-1 - place % len(self.given)])

    def intend_with(self, by: int, run_id: str, host_id: str, lease: Lease) -> None:
        store, host = self.awake(by), self.runs[run_id].hosts[host_id]
        told = parcel(f"{self.name}-{next(self.parcels)}")
        expected = self.refusal_of_work(by, run_id) or (Stopped if self.stopped else None)
        expected = expected or (NotPermitted if host.result is not None else None)
        expected = expected or (None if self.holders[host_id] == (run_id, lease.token) else NotPermitted)
        self.attempt(expected, lambda: store.journal.intend(run_id, host_id, told, lease))
        host.begun = host.begun or expected is None

    @precondition(lambda self: self.runs)
    @rule(by=strangers, place=places, host_id=hosts, outcome=st.sampled_from(Outcome))
    def record(self, by: int | None, place: int, host_id: str, outcome: Outcome) -> None:
        run_id = self.chosen(place, self.at_work)
        by = self.runs[run_id].process if by is None else by
        store = self.awake(by)
        run, host = self.runs[run_id], self.runs[run_id].hosts[host_id]
        may = run.is_open and run.process == by and host.result is None
        expected = None if may else NotPermitted
        self.attempt(expected, lambda: store.journal.record(run_id, result(host_id, outcome)))
        if expected is None:
            host.result = outcome
            if outcome is not Outcome.UNKNOWN:
                self.free(run_id, host_id)

    @precondition(lambda self: self.runs)
    @rule(place=places, host_id=hosts, verdict=st.sampled_from([Outcome.SUCCEEDED, Outcome.FAILED]))
    def resolve(self, place: int, host_id: str, verdict: Outcome) -> None:
        run_id = self.chosen(place, self.has_unknown)
        expected = None if self.outcome(run_id, host_id) is Outcome.UNKNOWN else NotPermitted
        self.attempt(expected, lambda: self.stores[0].runs.resolve(resolution(run_id, host_id, verdict)))
        if expected is None:
            self.runs[run_id].hosts[host_id].resolution = verdict
            self.free(run_id, host_id)

    @precondition(lambda self: self.runs)
    @rule(place=places, host_id=hosts, outcome=st.sampled_from([Outcome.SUCCEEDED, Outcome.FAILED]))
    def prove(self, place: int, host_id: str, outcome: Outcome) -> None:
        run_id = self.chosen(place, self.has_unknown)
        host = self.runs[run_id].hosts[host_id]
        expected = None if self.outcome(run_id, host_id) is Outcome.UNKNOWN else NotPermitted
        self.attempt(expected, lambda: self.stores[0].journal.prove(run_id, result(host_id, outcome)))
        if expected is None:
            if host.result is None:
                host.result = outcome
            else:
                host.resolution = outcome
            self.free(run_id, host_id)

    @precondition(lambda self: len(self.runs) > 2)
    @rule(by=strangers, place=places)
    def close_run(self, by: int | None, place: int) -> None:
        run_id = self.chosen(place)
        by = self.runs[run_id].process if by is None else by
        store = self.awake(by)
        run = self.runs[run_id]
        foreign = run.process != by and self.at_work(run_id)
        expected = StoreError if not run.is_open else NotPermitted if foreign else None
        self.attempt(expected, lambda: store.journal.close_run(run_id, work(run_id, self.name), ()))
        run.is_open = run.is_open and expected is not None

    @precondition(lambda self: self.given)
    @rule(place=places)
    def fall_asleep_with_a_lease(self, place: int) -> None:
        who, *_ = self.given[-1 - place % len(self.given)]
        self.dead.add(self.pids[who])

    @precondition(lambda self: self.given)
    @rule(place=places)
    def fall_asleep_lose_the_host_and_wake(self, place: int) -> None:
        given = self.given[-1 - place % len(self.given)]
        self.fall_asleep_with_a_lease(place)
        thief = (given[0] + 1) % len(PROCESSES)
        self.open_run(thief)
        self.take_for([*self.runs][-1], thief, given[2])
        self.intend_with(*given)

    @precondition(lambda self: not self.left and len(self.runs) > 2)
    @rule(who=processes)
    def leave(self, who: int) -> None:
        self.awake(who).journal.leave()
        self.left.add(who)

    @precondition(lambda self: self.given)
    @rule(by=processes, place=places, number=st.uuids())
    def stop_all_for_a_moment(self, by: int, place: int, number: object) -> None:
        order = StopOrder(id=f"{self.name}-{number}", run_id=None, level="finish", by="kim", reason="", at=NOON)
        self.stores[by].stops.order(order)
        self.stopped = True
        self.open_run(by)
        self.intend(place)
        assert self.stores[0].stops.lift("kim") == 1
        self.stopped = False

    # what every reader sees

    @invariant()
    def every_reader_sees_the_same(self) -> None:
        seen = {run.id: run for run in self.stores[0].runs.list(self.name)}
        assert {run_id: [host.outcome for host in run.hosts] for run_id, run in seen.items()} == {
            run_id: [self.outcome(run_id, host_id) for host_id in HOSTS] for run_id in self.runs
        }
        assert {run_id: run.abandoned for run_id, run in seen.items()} == {
            run_id: run.is_open and not self.at_work(run_id) for run_id, run in self.runs.items()
        }


def test_whatever_happens_the_store_does_what_the_model_says(opener: Opener, dead: set[int]):
    run_state_machine_as_test(
        lambda: Course(opener, dead),
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
