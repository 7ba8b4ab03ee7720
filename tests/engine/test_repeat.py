"""A step that may be repeated is tried a few times, for all to see; any other is not, and recovery repeats nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.errors import StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Intent, Parcel
from msp_ops.domain.rehearsal import Expected, Rehearsal, Spoken
from msp_ops.domain.step import ScriptStep
from msp_ops.engine.events import HostEnded, Waiting
from msp_ops.engine.host import run_on_host
from msp_ops.engine.recover import Lost, Recovery, StillUnknown
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.rehearse import rehearse
from msp_ops.transports.base import Answer, Ended, Gone, Interrupted, NeverCommitted, Running
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import CHECKS, IMPATIENT, MemoryJournal, StandingClock, disk_answer, job, runbook, tools

REPEAT = ScriptStep(kind="script", name="clean up", file="clean.sh", repeatable=True)
UNDO = ScriptStep(kind="script", name="put it back", file="back.sh")
BOOK = runbook(steps=(REPEAT,), scripts={"clean.sh": "echo cleaning\n", "back.sh": "echo back\n"})
PATIENT = replace(IMPATIENT, pause=timedelta(seconds=2))


def ended(code, said=""):
    return Ended(answer=Answer(exit_code=code, output=said.encode()))


BAD = ended(1, "msp: changed a half of it\nmsp: why no room\n")
GOOD = ended(0, "msp: changed a half of it\nmsp: changed b the rest\n")


class Host(FakeHost):
    """Each parcel ends as the next of these, the last of them again and again."""

    def __init__(self, *endings, **more):
        self.endings = list(endings)
        super().__init__(looked=disk_answer("40%"), **more)

    def begin(self, parcel_id, lease):
        super().begin(parcel_id, lease)
        if not self.blocked_by:
            self.ended[parcel_id] = self.endings.pop(0) if len(self.endings) > 1 else self.endings[0]


def events_of(host, book=BOOK, the_job=None, **changes):
    return list(run_on_host(the_job or job(book), tools({"a": host}, patience=PATIENT, **changes)))


def test_it_is_tried_again_until_it_ends_well_and_that_is_told():
    host, journal = Host(BAD, BAD, GOOD), MemoryJournal()
    events = events_of(host, journal=journal)
    result = events[-1].result
    step = result.steps[0]
    assert (result.outcome, list(host.ran.values())) == (Outcome.SUCCEEDED, [1, 1, 1])
    assert step.reason == "at try 3 of 3; before: clean up ended with 1: no room"
    assert step.changed == ("a half of it", "b the rest")
    said = step.evidence.body.decode()
    assert [line for line in said.splitlines() if line.startswith("--")] == [
        "-- try 1: failed",
        "-- try 2: failed",
        "-- try 3: succeeded",
    ]
    waits = [event for event in events if isinstance(event, Waiting)]
    assert [event.why for event in waits] == [
        "clean up ended with 1: no room; try 2 of 3 comes",
        "clean up ended with 1: no room; try 3 of 3 comes",
    ]
    assert timedelta(seconds=2) <= waits[0].pause < waits[1].pause <= timedelta(seconds=5)
    assert [told[3] for told in journal.told if told[0] == "intend"] == ["r-1-a-0", "r-1-a-0-again1", "r-1-a-0-again2"]
    assert host.delivered == {}, "and the host forgets them all"


def test_after_its_last_try_it_has_failed_and_is_undone_once():
    host = Host(BAD, BAD, GOOD)
    book = replace(BOOK, steps=(replace(REPEAT, tries=2),), undo=(UNDO,))
    result = events_of(host, book)[-1].result
    assert result.outcome is Outcome.FAILED
    assert result.reason == "clean up ended with 1: no room (tried 2 times); undone"
    assert list(host.ran) == ["r-1-a-0", "r-1-a-0-again1", "r-1-a-undo-0"]


@pytest.mark.parametrize("end", [BAD, ended(124), Interrupted(why="killed"), Interrupted(why="restarted")])
def test_a_step_that_does_not_say_so_is_never_repeated(end):
    host = Host(end, GOOD)
    result = events_of(host, replace(BOOK, steps=(replace(REPEAT, repeatable=False),)))[-1].result
    assert (len(host.ran), result.outcome) == (1, Outcome.UNKNOWN if isinstance(end, Interrupted) else Outcome.FAILED)


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (ended(75, "msp: why locked\n"), Outcome.BLOCKED),
        (ended(0), Outcome.SUCCEEDED),
        (Gone(), Outcome.UNKNOWN),
        (replace(ended(143), cancelled=True), Outcome.FAILED),
        (NeverCommitted(), Outcome.DEFERRED),
    ],
)
def test_what_ended_well_did_nothing_or_may_still_be_at_work_is_not_repeated(end, outcome):
    host = Host(end, GOOD)
    assert (events_of(host)[-1].result.outcome, len(host.ran)) == (outcome, 1)


@pytest.mark.parametrize("lost_at", [1, 2])
def test_what_may_be_running_after_a_lost_link_is_not_repeated(lost_at):
    class Lost(Host):
        def begin(self, parcel_id, lease):
            super().begin(parcel_id, lease)
            if len(self.ran) == lost_at:
                self.cut_at, self.down_for = "after commit", 99

    host = Lost(BAD, BAD, GOOD)
    assert (events_of(host)[-1].result.outcome, len(host.ran)) == (Outcome.UNKNOWN, lost_at)


@pytest.mark.parametrize("why", ["killed", "restarted"])
def test_what_was_interrupted_is_tried_again(why):
    host = Host(Interrupted(why=why), GOOD)
    result = events_of(host)[-1].result
    assert (result.outcome, len(host.ran)) == (Outcome.SUCCEEDED, 2)
    assert "at try 2 of 3; before: " in result.steps[0].reason


def test_what_is_interrupted_each_time_stays_unknown():
    result = events_of(Host(Interrupted(why="killed")))[-1].result
    assert result.outcome is Outcome.UNKNOWN
    assert result.reason == "clean up was killed on the host by somebody else (tried 3 times)"


def test_a_person_who_stops_the_run_ends_the_tries():
    stopping, host = Stopping(), Host(BAD, GOOD)
    seen = []
    for event in run_on_host(job(BOOK), tools({"a": host}, patience=PATIENT, stopping=stopping)):
        seen.append(event)
        if isinstance(event, Waiting):
            stopping.finish("kim")
    assert (seen[-1].result.outcome, len(host.ran)) == (Outcome.FAILED, 1)
    assert seen[-1].result.reason == "clean up ended with 1: no room; not tried again: stopped: kim"


def test_a_window_that_has_closed_ends_the_tries():
    host, answers = Host(BAD, GOOD), iter([None, "the window closed at 02:00"])
    result = events_of(host, the_job=replace(job(BOOK), refused=lambda: next(answers)))[-1].result
    assert (result.outcome, len(host.ran)) == (Outcome.FAILED, 1)
    assert result.reason.endswith("not tried again: the window closed at 02:00")


@pytest.mark.parametrize(
    ("first", "outcome"),
    [(BAD, Outcome.FAILED), (Interrupted(why="killed"), Outcome.UNKNOWN)],
    ids=["failed", "unknown"],
)
def test_a_try_that_never_began_leaves_what_the_one_before_left(first, outcome):
    for hinder in (unreachable, refusing, refused_by_the_store):
        host, journal = Host(first, GOOD), MemoryJournal()
        result = hinder(host, journal)
        assert (result.outcome, len(host.ran)) == (outcome, 1), hinder
        assert "; not tried again: " in result.steps[0].reason
        assert b"try 1" in result.steps[0].evidence.body


def unreachable(host, journal):
    return _hindered(host, journal, lambda: setattr(host, "down_for", 99))


def refusing(host, journal):
    return _hindered(host, journal, lambda: setattr(host, "blocked_by", "another run of msp-ops is changing this host"))


def refused_by_the_store(host, journal):
    def refuse(*_):
        raise StoreError("the disk of the store is full")

    return _hindered(host, journal, lambda: setattr(journal, "intend", refuse))


def _hindered(host, journal, hinder):
    for event in run_on_host(job(BOOK), tools({"a": host}, journal, patience=PATIENT)):
        if isinstance(event, Waiting):
            hinder()
        if isinstance(event, HostEnded):
            return event.result
    raise AssertionError("a host's course ends with its result")


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (BAD, GOOD, Outcome.SUCCEEDED),
        (Interrupted(why="killed"), GOOD, Outcome.SUCCEEDED),
        (BAD, BAD, Outcome.FAILED),
        (BAD, NeverCommitted(), Outcome.FAILED),
        (BAD, ended(75, "msp: why a younger run\n"), Outcome.FAILED),
        (BAD, Running(), None),
    ],
)
def test_recovery_asks_for_every_try_and_begins_none(first, second, outcome):
    host, clock = Host(GOOD), StandingClock()
    parcels = [Parcel(id=each, step=REPEAT.name, run_as="root", timeout=REPEAT.timeout) for each in ("p-1", "p-2")]
    for parcel, end in zip(parcels, (first, second), strict=True):
        host.delivered[parcel.id] = b"echo cleaning\n"
        if not isinstance(end, NeverCommitted):
            host.ended[parcel.id] = end
    intents = tuple(Intent(parcel=parcel, at=clock.now()) for parcel in parcels)
    found = Recovery(Lost(job=job(BOOK), intents=intents, as_it_was=True), tools({"a": host}, clock=clock)).found()
    if outcome is None:
        assert isinstance(found, StillUnknown)
        assert found.at_work
    else:
        assert (found.outcome, found.steps[0].name) == (outcome, REPEAT.name)
    assert host.ran == {}


def test_recovery_tells_what_every_try_has_changed():
    host, clock = Host(GOOD), StandingClock()
    endings = {"p-1": BAD, "p-2": ended(0, "msp: changed b the rest\n")}
    host.ended.update(endings)
    intents = tuple(
        Intent(parcel=Parcel(id=each, step=REPEAT.name, run_as="root", timeout=REPEAT.timeout), at=clock.now())
        for each in endings
    )
    found = Recovery(Lost(job=job(BOOK), intents=intents, as_it_was=True), tools({"a": host}, clock=clock)).found()
    assert found.steps[0].changed == ("a half of it", "b the rest")


def test_a_rehearsal_shows_the_tries():
    says = {
        "clean up": (Spoken(exit=1, output="msp: why no room\n"), Spoken(output="msp: changed a it\n")),
        "look at the disk": (Spoken(output="40%\n"),),
    }
    played = Rehearsal(
        name="one", title="One", proves="success", parameters={}, says=says, expect=Expected(outcome="succeeded")
    )
    assert rehearse(BOOK, played, CHECKS).differences == ()
    once = replace(BOOK, steps=(replace(REPEAT, repeatable=False),))
    assert "outcome: expected succeeded, it ended failed" in rehearse(once, played, CHECKS).differences[0]
