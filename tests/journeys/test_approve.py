"""A run that waits for a person's word: whose it may be, for what, and only for what was agreed to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import ApproveStep
from msp_ops.engine.events import Waiting
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.approve import awaited, give_word
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACT, StandingClock, disk_answer, runbook
from tests.journeys.cast import KIM, asked, parts_with

ADA = Actor(kind="person", name="ada", authenticated_by="a test")
WORD = ApproveStep(kind="approve", name="approval", question="Shall it go on?")
BOOK = runbook(steps=(WORD, ACT))


class Hurrying(StandingClock):
    """A second passes whenever somebody looks at it: nobody waits in vain."""

    def elapsed(self):
        self.pass_time(timedelta(seconds=1))
        return super().elapsed()


@pytest.fixture
def clock():
    return Hurrying()


@pytest.fixture
def waiting(store, clock):
    """Its parts, its run while it waits, and the events that come after a word."""
    parts = parts_with(store, clock, {name: FakeHost(looked=disk_answer("40%")) for name in ("a", "b")}, books=[BOOK])
    stopping = Stopping()
    events = run_runbook(parts, asked(clock, BOOK), stopping)
    next(event for event in events if isinstance(event, Waiting))
    (run,) = store.runs.list(limit=1)
    yield parts, run, events
    stopping.cancel("the test ends")
    list(events)


def test_another_persons_word_lets_every_host_go_on(waiting):
    parts, run, events = waiting
    give_word(parts, run, awaited(parts, run), ADA, "it is time", granted=True)
    end = parts.store.runs.read(list(events)[-1].run.id)
    assert end.outcome is Outcome.SUCCEEDED
    assert [host.result.steps[0].reason for host in end.hosts] == ["ada approved it: it is time"] * 2
    with pytest.raises(NotPermitted, match="has ended"):
        awaited(parts, end)


def test_who_started_it_may_refuse_it_and_not_approve_it(waiting):
    parts, run, events = waiting
    with pytest.raises(NotPermitted, match=r"kim started run .*, and 'approval' wants another person's word"):
        give_word(parts, run, WORD, KIM, "", granted=True)
    give_word(parts, run, WORD, KIM, "changed my mind", granted=False)
    end = parts.store.runs.read(list(events)[-1].run.id)
    assert end.outcome is Outcome.DEFERRED
    assert {host.result.steps[-1].name for host in end.hosts} == {"approval"}


def test_where_the_runbook_says_so_ones_own_word_is_enough(waiting):
    parts, run, _events = waiting
    assert give_word(parts, run, replace(WORD, another=False), KIM, "", granted=True).granted


def test_a_runbook_that_changed_since_is_approved_by_nobody(waiting, store, clock):
    _parts, run, _events = waiting
    changed = parts_with(store, clock, {}, books=[replace(BOOK, digest="another")])
    with pytest.raises(PlanError, match=r"has changed since run .* began: what it asks cannot be shown"):
        awaited(changed, run)


def test_what_was_said_is_not_asked_for_again(waiting):
    parts, run, _events = waiting
    give_word(parts, run, WORD, ADA, "", granted=True)
    with pytest.raises(PlanError, match="waits for nobody's word now"):
        awaited(parts, run)
