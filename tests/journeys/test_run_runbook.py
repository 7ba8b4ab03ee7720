"""The one path of every run, with a real store."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.contract import BreakFix, Rounding
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.schedule import Freeze
from msp_ops.engine.events import HostEnded, HostRecovered, RunEnded
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.requests import run_request
from msp_ops.journeys.resolve import resolve
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.store import open_store
from msp_ops.transports.base import Answer, Gone
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACME, StandingClock, disk_answer, runbook
from tests.journeys.cast import KIM, asked, parts_with

HOURLY = BreakFix(
    kind="break-fix",
    id="repairs",
    hourly_rate=Decimal(95),
    since=date(2026, 1, 1),
    rounding=Rounding(increment=timedelta(minutes=15)),
)


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def store(tmp_path, clock):
    with open_store(f"sqlite:///{tmp_path}/store.db", clock) as store:
        yield store


def well(clock, span=timedelta(minutes=4)):
    def changed(_script):
        clock.pass_time(span)
        return Answer(exit_code=0, output=b"msp: changed /var freed 1 GB\n")

    return FakeHost(looked=disk_answer("40%"), changed=changed)


def test_a_run_ends_with_its_results_its_time_and_its_price(store, clock):
    client = replace(ACME, contracts=(HOURLY,))
    parts = parts_with(store, clock, {"a": well(clock), "b": well(clock)}, client)
    run = to_the_end(run_runbook(parts, asked(clock, client=client, at_once=1), Stopping()))
    assert {host.result.steps for host in run.hosts} == {()}, "a thousand hosts have tens of thousands of steps"
    assert run.outcome is Outcome.SUCCEEDED
    ((record, (charge,)),) = store.work.list("acme")
    assert (record.ticket, record.person, record.machine.duration) == ("T-1", "kim", timedelta(minutes=8))
    assert record.attended.duration == timedelta(minutes=8)
    assert (charge.billed, charge.amount) == (timedelta(minutes=15), Decimal("23.75"))


def test_every_result_is_in_the_store_before_it_is_told(store, clock):
    parts = parts_with(store, clock, {"a": well(clock)})
    for event in run_runbook(parts, asked(clock), Stopping(), "r-1"):
        if isinstance(event, HostEnded):
            known = {host.host_id: host.outcome for host in store.runs.read("r-1").hosts}
            assert known[event.result.host_id] is event.result.outcome
    assert isinstance(event, RunEnded)
    assert store.runs.read("r-1").outcome is Outcome.NOT_REACHED, "host b was never given"


def test_results_are_recorded_although_nobody_listens_any_more(store, clock):
    parts = parts_with(store, clock, {"a": well(clock), "b": well(clock)})
    events = run_runbook(parts, asked(clock, at_once=2), Stopping(), "r-1")
    for event in events:
        if isinstance(event, HostEnded):
            break
    events.close()
    outcomes = [host.outcome for host in store.runs.read("r-1").hosts]
    assert Outcome.SUCCEEDED in outcomes
    assert set(outcomes) <= {Outcome.SUCCEEDED, Outcome.DEFERRED}


def test_a_freeze_refuses_before_anything_is_opened(store, clock):
    frozen = replace(ACME, freezes=(Freeze(first_day=date(2026, 11, 1), last_day=date(2026, 12, 1), reason="audit"),))
    parts = parts_with(store, clock, {}, frozen)
    with pytest.raises(NotPermitted, match="audit"):
        to_the_end(run_runbook(parts, asked(clock, client=frozen), Stopping()))
    assert store.runs.list() == []


def test_what_nobody_can_tell_blocks_the_next_run_until_a_person_says_what_is_true(store, clock):
    host = FakeHost(ends_as=Gone())
    book = runbook(verify=())
    parts = parts_with(store, clock, {"a": host}, books=(book,))
    one = asked(clock, book, hosts=ACME.sites[0].hosts[:1])
    first = to_the_end(run_runbook(parts, one, Stopping()))
    assert first.outcome is Outcome.UNKNOWN

    second = to_the_end(run_runbook(parts, one, Stopping()))
    assert second.outcome is Outcome.BLOCKED
    assert first.id in second.hosts[0].reason

    resolve(parts, first.id, "a", "done", "the log shows it", KIM)
    assert store.runs.unresolved() == []
    host.ends_as = None
    assert to_the_end(run_runbook(parts, one, Stopping())).outcome is Outcome.SUCCEEDED
    assert sum(host.ran.values()) == 2


def test_the_next_run_asks_the_host_what_the_last_one_left_unknown(store, clock):
    host = FakeHost(looked=disk_answer("40%"), cut_at="after commit")
    parts = parts_with(store, clock, {"a": host}, books=(asked(clock).runbook,))
    one = asked(clock, hosts=ACME.sites[0].hosts[:1])
    first = to_the_end(run_runbook(parts, one, Stopping()))
    assert first.outcome is Outcome.UNKNOWN

    events = list(run_runbook(parts, one, Stopping()))
    assert isinstance(events[0], HostRecovered)
    assert (events[0].run_id, events[0].outcome) == (first.id, Outcome.SUCCEEDED)
    assert events[-1].run.outcome is Outcome.SUCCEEDED
    assert store.runs.read(first.id).outcome is Outcome.SUCCEEDED
    assert sum(host.ran.values()) == 2


def test_a_request_that_is_not_in_the_store_runs_nothing(store, clock):
    host = well(clock)
    with pytest.raises(NotPermitted, match="no request"):
        run_request(parts_with(store, clock, {"a": host}), "forged")
    assert host.ran == {}


def grouped():
    """The sample's client, whose two hosts serve together."""
    site = replace(ACME.sites[0], hosts=tuple(replace(host, group="website") for host in ACME.sites[0].hosts))
    return replace(ACME, sites=(site,))


def test_of_two_runs_that_begin_in_one_instant_only_one_takes_a_member_of_a_service_group(store, clock):
    client, book = grouped(), runbook(verify=())
    one, other = client.sites[0].hosts
    parts = parts_with(store, clock, {"a": FakeHost(), "b": FakeHost()}, client, books=(book,))
    first = asked(clock, book, client=client, hosts=(one,))
    store.journal.open_run("r-1", first.plan(), first.trigger, first.actor)
    store.journal.take_host("r-1", "a")  # it has told the host nothing yet
    resumed = asked(clock, book, client=client, hosts=(other,), rollout=Rollout())
    state = to_the_end(run_runbook(parts, resumed, Stopping())).hosts[0]
    assert state.outcome is Outcome.BLOCKED
    assert state.reason.startswith("b is of the same service group: acme/a is being changed by run r-1 (technician kim")


def test_nobody_of_a_service_group_is_taken_down_while_another_is_unknown(store, clock):
    """Also across runs: here one lost a, and another one goes on with b."""
    client, book = grouped(), runbook(verify=())
    one, other = client.sites[0].hosts
    hosts = {"a": FakeHost(ends_as=Gone()), "b": FakeHost()}
    parts = parts_with(store, clock, hosts, client, books=(book,))
    first = to_the_end(run_runbook(parts, asked(clock, book, client=client, hosts=(one,)), Stopping()))
    assert first.outcome is Outcome.UNKNOWN

    resumed = asked(clock, book, client=client, hosts=(other,), rollout=Rollout())
    state = to_the_end(run_runbook(parts, resumed, Stopping())).hosts[0]
    assert state.outcome is Outcome.DEFERRED
    assert state.reason == f"a of the same service group (website) was left unknown by run {first.id}"

    alone = to_the_end(run_runbook(parts, asked(clock, book, client=client, hosts=(other,)), Stopping()))
    assert alone.outcome is Outcome.SUCCEEDED, "a person who mends one host knows what the others do"
