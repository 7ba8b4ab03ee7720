"""What a run changed is taken back by another run, on the hosts that need it and with what was kept for it."""

from dataclasses import replace

import pytest

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import Condition, ScriptStep
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.resume import what_is_left
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.journeys.undo import what_to_undo
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import disk_answer, runbook
from tests.journeys.cast import KIM, asked, parts_with

UNDO = ScriptStep(kind="script", name="put it back", file="back.sh")
BOOK = runbook(undo=(UNDO,), scripts={"clean.sh": "echo cleaning\n", "back.sh": "echo back\n"})


class Host(FakeHost):
    """Remembers which scripts it carried out; `ends` says how each of them ended."""

    def __init__(self, clean=0, back=0):
        self.scripts = []
        self.ends = {"cleaning": clean, "back": back}
        super().__init__(looked=disk_answer("40%"), changed=self.carry_out)

    def carry_out(self, script):
        self.scripts.append(script)
        code = next(code for word, code in self.ends.items() if f"echo {word}" in script)
        return Answer(exit_code=code, output=b"msp: changed /var it\n" if code == 0 else b"msp: why broken\n")


def ran(parts, clock, book=BOOK):
    return to_the_end(run_runbook(parts, asked(clock, book), Stopping()))


def undone(parts, clock, run, only=()):
    return what_to_undo(parts, run.id, KIM, Stopwatch.start(clock), only)


def test_the_undo_of_a_run_is_a_run_with_what_the_first_one_kept(store, clock):
    hosts = {"a": Host(), "b": Host(clean=75)}
    parts = parts_with(store, clock, hosts, books=[BOOK])
    run = ran(parts, clock)
    asks = undone(parts, clock, run)
    assert [host.id for host in asks.hosts] == ["a"]  # b was blocked: nothing was changed there
    back = to_the_end(run_runbook(parts, asks, Stopping()))
    assert (back.outcome, back.plan.undoes, back.trigger.reason) == (Outcome.SUCCEEDED, run.id, f"undoes run {run.id}")
    assert f"msp_kept=/var/lib/msp-ops/kept/{run.id}\n" in hosts["a"].scripts[-1]
    with pytest.raises(PlanError, match="is left to undo"):
        undone(parts, clock, run)


def test_what_the_run_took_back_itself_is_not_undone_twice(store, clock):
    parts = parts_with(store, clock, {"a": Host(clean=1), "b": Host(clean=1, back=1)}, books=[BOOK])
    run = ran(parts, clock)
    assert [host.id for host in undone(parts, clock, run).hosts] == ["b"]


def test_an_undo_that_failed_may_be_asked_for_again_and_resumed(store, clock):
    hosts = {"a": Host(), "b": Host(back=1)}
    parts = parts_with(store, clock, hosts, books=[BOOK])
    run = ran(parts, clock)
    back = to_the_end(run_runbook(parts, undone(parts, clock, run), Stopping()))
    assert [host.id for host in undone(parts, clock, run).hosts] == ["b"]
    left = what_is_left(parts, back, KIM, Stopwatch.start(clock), only_failed=True)
    assert (left.undoes, [step.name for step in left.runbook.steps]) == (run.id, ["put it back"])


def test_an_undo_of_which_nothing_was_for_the_host_has_undone_nothing(store, clock):
    only_deep = replace(UNDO, condition=Condition(parameter={"deep": "yes"}, after={}))
    book = replace(BOOK, undo=(only_deep,))
    parts = parts_with(store, clock, {"a": Host(), "b": Host()}, books=[book])
    run = to_the_end(run_runbook(parts, asked(clock, book, parameters={"deep": "no"}), Stopping()))
    back = to_the_end(run_runbook(parts, undone(parts, clock, run), Stopping()))
    assert back.outcome is Outcome.SKIPPED
    assert [host.id for host in undone(parts, clock, run).hosts] == ["a", "b"]


def test_only_hosts_of_the_run_are_undone(store, clock):
    parts = parts_with(store, clock, {"a": Host(), "b": Host()}, books=[BOOK])
    run = ran(parts, clock)
    assert [host.id for host in undone(parts, clock, run, ["b"]).hosts] == ["b"]
    with pytest.raises(PlanError, match="has no host c; hosts: a, b"):
        undone(parts, clock, run, ["c"])


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (replace(BOOK, undo=(), no_undo="a restart cannot be taken back"), "no undo: a restart cannot be taken back"),
        (replace(BOOK, digest="another"), "has changed since run"),
    ],
)
def test_without_that_very_undo_nothing_is_undone(now, says, store, clock):
    run = ran(parts_with(store, clock, {"a": Host(), "b": Host()}, books=[BOOK]), clock)
    with pytest.raises(PlanError, match=says):
        undone(parts_with(store, clock, {}, books=[now]), clock, run)


def test_what_is_unknown_is_asked_before_it_is_undone(store, clock):
    lost = Host()
    lost.cut_at = "after commit"

    def breaks(_script):
        lost.down_for = 99
        return Answer(exit_code=0, output=b"")

    lost.changed = breaks
    parts = parts_with(store, clock, {"a": lost, "b": Host()}, books=[BOOK])
    run = ran(parts, clock)
    assert run.outcome is Outcome.UNKNOWN
    with pytest.raises(NotPermitted, match=f"msp-ops recover {run.id}"):
        undone(parts, clock, run)
    assert [each.id for each in undone(parts, clock, run, ["b"]).hosts] == ["b"]
