"""What recovery makes of a run that was lost while it took a change back, or whose runbook has become another one."""

from datetime import timedelta

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parameters import OtherHost
from msp_ops.domain.parcel import Intent, Parcel
from msp_ops.domain.run import HostResult
from msp_ops.domain.step import PlaybookStep, ScriptStep
from msp_ops.engine.recover import Lost, Recovery, StillUnknown
from msp_ops.transports.base import Answer, Ended, Gone, Interrupted
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACT, LOOK, StandingClock, disk_answer, job, tools
from tests.engine.test_language import UNDO, acts, book, when

AT = StandingClock().at


def ended(code, said=b"", **more):
    return Ended(answer=Answer(exit_code=code, output=said), **more)


def recovered(runbook, ends, *, as_it_was=True, parameters=None, used="40%"):
    """`ends`: by step, in the order in which they were meant for the host."""
    host = FakeHost(looked=disk_answer(used))
    intents = []
    for number, (step, end) in enumerate(ends.items()):
        parcel = Parcel(id=f"r-1-a-{number}", step=step, run_as="root", timeout=timedelta(minutes=10))
        intents.append(Intent(parcel=parcel, at=AT))
        if not isinstance(end, Gone):
            host.delivered[parcel.id] = b""
            host.ended[parcel.id] = end
    lost = Lost(job=job(runbook, parameters=parameters), intents=tuple(intents), as_it_was=as_it_was)
    return Recovery(lost, tools({"a": host})).found()


FIX = book(undo=(UNDO,))
DONE, BROKEN = ended(0, b"msp: changed x y\n"), ended(1, b"msp: why no room\n")


@pytest.mark.parametrize(
    ("fix", "undo", "says"),
    [
        (BROKEN, DONE, "clean up ended with 1: no room; undone"),
        (DONE, DONE, "the change was not proved; undone"),
        (
            BROKEN,
            ended(1, b"msp: why it is locked\n"),
            "no room; its undo failed: put it back ended with 1: it is",
        ),
    ],
)
def test_a_host_whose_undo_was_begun_has_failed_though_it_looks_well_now(fix, undo, says):
    found = recovered(FIX, {"clean up": fix, "put it back": undo})
    assert isinstance(found, HostResult)
    assert found.outcome is Outcome.FAILED
    assert says in found.reason


@pytest.mark.parametrize("undo", [Gone(), Interrupted(why="restarted")])
@pytest.mark.parametrize("fix", [BROKEN, DONE])
def test_an_undo_that_came_to_no_end_stays_unknown_and_frees_nothing(fix, undo):
    found = recovered(FIX, {"clean up": fix, "put it back": undo})
    assert isinstance(found, StillUnknown)
    assert "its undo: " in found.why


def test_an_undo_of_two_steps_that_was_cut_says_what_is_missing():
    second = ScriptStep(kind="script", name="then this", file="back.sh")
    found = recovered(book(undo=(UNDO, second)), {"clean up": BROKEN, "put it back": DONE})
    assert found.reason.endswith("no room; its undo was interrupted before then this")


def test_a_failure_without_its_undo_says_how_to_take_it_back():
    found = recovered(FIX, {"clean up": BROKEN})
    assert found.reason.endswith("no room; to undo it: msp-ops runs undo r-1")


def test_a_runbook_that_became_another_one_keeps_no_host_unknown():
    another = book(steps=(ACT, acts("deep", parameter={"deep": "yes"})))
    found = recovered(another, {"clean up": DONE}, as_it_was=False)
    assert found.outcome is Outcome.FAILED
    assert "its runbook has changed since" in found.reason


def test_a_host_that_a_parameter_names_and_that_is_gone_is_told_in_words():
    look = ScriptStep(kind="script", name="look", file="there.sh", changes=False)
    twin = book(parameters={"twin": OtherHost(kind="host", title="The other one")}, verify=(look,))
    with pytest.raises(FileError, match="acme has no host 'gone' any more, which twin names"):
        recovered(twin, {"clean up": DONE}, parameters={"twin": "gone"})


def test_a_step_that_came_to_no_end_may_have_changed_something_for_the_next():
    steps = (acts("write"), acts("restart it", after={"write": "changed"}))
    found = recovered(book(steps=steps), {"write": Interrupted(why="restarted")})
    assert found.outcome is Outcome.FAILED
    assert "interrupted before restart it" in found.reason


def test_a_look_whose_condition_does_not_hold_disproves_nothing():
    only_deep = ScriptStep(
        kind="script", name="deep look", file="there.sh", changes=False, condition=when(parameter={"deep": "yes"})
    )
    found = recovered(book(verify=(LOOK, only_deep)), {"clean up": Gone()}, parameters={"deep": "no"})
    assert (found.outcome, [step.name for step in found.steps]) == (Outcome.SUCCEEDED, ["clean up", LOOK.name])


@pytest.mark.parametrize("how", [{"cancelled": True}, {"timed_out": True}])
def test_a_mark_that_was_stopped_says_nothing_of_the_playbook(how):
    site = PlaybookStep(kind="playbook", name="site", file="site.yml")
    found = recovered(book(steps=(site,), verify=()), {"site": ended(143, **how)})
    assert isinstance(found, StillUnknown)
    assert "nobody can say how the playbook ended" in found.why
