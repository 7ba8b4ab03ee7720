"""Steps with conditions, waits, evidence and undo, on hosts that answer as they are told."""

import re
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from msp_ops.domain.approval import Approval
from msp_ops.domain.errors import LinkLost, StoreError
from msp_ops.domain.finding import EVERYTHING
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parameters import OtherHost
from msp_ops.domain.run import Evidence
from msp_ops.domain.step import ApproveStep, Condition, PlaybookStep, ScriptStep, WaitStep
from msp_ops.engine.events import HostEnded, Waiting
from msp_ops.engine.host import run_on_host
from msp_ops.engine.platform import QUESTION
from msp_ops.engine.play import SIGN, is_mark
from msp_ops.engine.stopping import Stopping
from msp_ops.playbooks.job import HostEnd
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACT, HOSTS, LOOK, MemoryJournal, StandingClock, disk_answer, job, runbook, tools

NOTHING = Evidence(digest=sha256(b"").hexdigest(), body=b"")
UNDO = ScriptStep(kind="script", name="put it back", file="back.sh")
SCRIPTS = {"clean.sh": "echo cleaning\n", "back.sh": "echo back\n", "there.sh": "echo there?\n"}
THERE = WaitStep(kind="wait", name="until it is there", file="there.sh", timeout=timedelta(minutes=1))


def when(**parts):
    return Condition(**{"parameter": {}, "after": {}} | parts)


def acts(name, **condition):
    return ScriptStep(kind="script", name=name, file="clean.sh", condition=when(**condition) if condition else None)


def book(**changes):
    return runbook(**{"scripts": SCRIPTS} | changes)


class Linux(FakeHost):
    """Says what it is, and answers checks as a host with a disk that is this full."""

    def __init__(self, *words, used="40%", **more):
        disk = disk_answer(used)

        def looked(script):
            if script == QUESTION.decode():
                return Answer(exit_code=0, output="\n".join(("linux", *words)).encode())
            return disk(script)

        super().__init__(looked=looked, **more)


class Held(FakeHost):
    """Keeps a mark running until it is told how the playbook ended."""

    def __init__(self, blocked_by=""):
        self.signs = []
        super().__init__(looked=self.answer, blocked_by=blocked_by)

    def answer(self, script):
        if not script.startswith(SIGN):
            return disk_answer("40%")(script)
        self.signs.append(script)
        if "/said" in script:
            code = int(re.search(r"printf %s '(\d+)", script)[1])
            for parcel in self.busy:
                self.busy[parcel] = 0
                self.ended[parcel] = type(self.ended[parcel])(answer=Answer(exit_code=code, output=b""))
        return Answer(exit_code=0, output=b"")

    def begin(self, parcel_id, lease):
        super().begin(parcel_id, lease)
        if is_mark(self.delivered[parcel_id].decode()) and not self.blocked_by:
            self.busy[parcel_id] = 99


def ended(the_job, host, **changes):
    *_, last = run_on_host(the_job, tools({"a": host}, **changes))
    assert isinstance(last, HostEnded)
    return last.result


def outcomes(result):
    return {step.name: step.outcome.word for step in result.steps}


def test_a_host_of_another_platform_is_passed_by_and_says_what_it_is():
    host = Linux("debian", "apt")
    result = ended(job(book(platforms=("rhel", "suse"))), host)
    assert (result.outcome, host.ran) == (Outcome.SKIPPED, {})
    assert result.reason == "fix-disk is for rhel, suse; this host is linux, debian, apt"


def test_a_host_that_cannot_say_what_it_is_is_not_worked_on():
    result = ended(job(book(platforms=("debian",))), FakeHost(looked=disk_answer("40%")))
    assert result.outcome is Outcome.NOT_REACHED
    assert "cannot say what it is" in result.reason


def test_a_host_is_asked_what_it_is_only_when_that_matters():
    host = Linux("debian")
    ended(job(book()), host)
    assert QUESTION.decode() not in host.asked


def test_steps_are_taken_by_platform_parameter_and_what_happened_before():
    steps = (
        acts("debian's way", platform=("debian",)),
        acts("red hat's way", platform=("rhel",)),
        acts("deep", parameter={"deep": "yes"}),
        acts("after a change", after={"debian's way": "changed"}),
        acts("after no change", after={"debian's way": "unchanged"}),
    )
    host = Linux("debian", changed=lambda _: Answer(exit_code=0, output=b"msp: changed x y\n"))
    result = ended(job(book(steps=steps), parameters={"deep": "no"}), host)
    assert outcomes(result) == {
        "debian's way": "succeeded",
        "red hat's way": "skipped",
        "deep": "skipped",
        "after a change": "succeeded",
        "after no change": "skipped",
        LOOK.name: "succeeded",
    }
    assert [step.reason for step in result.steps if step.outcome is Outcome.SKIPPED] == [
        "it is for rhel; this host is linux, debian",
        "deep is no",
        "'debian's way' changed something",
    ]
    assert len(host.ran) == 2


def test_a_change_that_fails_is_undone_and_stays_failed():
    host = FakeHost(
        looked=disk_answer("40%"),
        changed=lambda script: Answer(exit_code=1 if "cleaning" in script else 0, output=b"msp: why no room\n"),
    )
    result = ended(job(book(undo=(UNDO,))), host)
    assert (result.outcome, result.reason) == (Outcome.FAILED, "clean up ended with 1: no room; undone")
    assert outcomes(result) == {"clean up": "failed", "put it back": "succeeded"}
    assert len(host.ran) == len(set(host.ran)) == 2


def test_a_change_that_its_verification_disproves_is_undone():
    result = ended(job(book(undo=(UNDO,), fails_on="critical")), FakeHost(looked=disk_answer("97%")))
    assert result.outcome is Outcome.FAILED
    assert result.reason == "/ is 97% full; undone"


def test_what_went_well_or_never_began_is_not_undone():
    fine = FakeHost(looked=disk_answer("40%"))
    assert ended(job(book(undo=(UNDO,))), fine).outcome is Outcome.SUCCEEDED
    blocked = FakeHost(changed=lambda _: Answer(exit_code=75, output=b"msp: why locked\n"))
    assert ended(job(book(undo=(UNDO,))), blocked).outcome is Outcome.BLOCKED
    assert (len(fine.ran), len(blocked.ran)) == (1, 1)


@pytest.mark.parametrize(
    ("broken", "outcome", "says"),
    [
        ({"changed": lambda _: Answer(exit_code=1, output=b"msp: why broken\n")}, "failed", "its undo failed"),
    ],
)
def test_an_undo_that_fails_is_said(broken, outcome, says):
    result = ended(job(book(undo=(UNDO,))), FakeHost(looked=disk_answer("40%"), **broken))
    assert result.outcome.word == outcome
    assert says in result.reason


def test_an_undo_whose_end_nobody_knows_leaves_the_host_unknown():
    host = FakeHost(looked=disk_answer("40%"))

    def changed(script):
        if "back" in script:
            host.cut_at = "after commit"
            host.down_for = 99
        return Answer(exit_code=1, output=b"msp: why broken\n")

    host.changed = changed
    result = ended(job(book(undo=(UNDO,))), host)
    assert result.outcome is Outcome.UNKNOWN
    assert "its undo was on its way" in result.reason


def test_who_stopped_the_run_is_told_how_to_undo_it():
    stopping = Stopping()

    def changed(_):
        stopping.finish("kim")
        return Answer(exit_code=1, output=b"msp: why broken\n")

    host = FakeHost(looked=disk_answer("40%"), changed=changed)
    result = ended(job(book(undo=(UNDO,))), host, stopping=stopping)
    assert outcomes(result) == {"clean up": "failed"}
    assert result.reason == "clean up ended with 1: broken; to undo it: msp-ops runs undo r-1"


def test_evidence_shows_the_host_before_and_after_and_judges_nothing():
    host = FakeHost(looked=disk_answer("97%"))
    result = ended(job(book(evidence=(LOOK,), verify=(), fails_on="critical")), host)
    assert [step.name for step in result.steps] == ["look at the disk, before", "clean up", "look at the disk, after"]
    assert result.outcome is Outcome.SUCCEEDED
    assert [finding.subject for finding in result.findings()] == ["/", "/"]


def test_evidence_is_not_asked_again_of_a_host_that_was_left_as_it_was():
    host = FakeHost(looked=disk_answer("97%"), changed=lambda _: Answer(exit_code=75, output=b"msp: why locked\n"))
    result = ended(job(book(evidence=(LOOK,))), host)
    assert outcomes(result) == {"look at the disk, before": "succeeded", "clean up": "blocked"}


class Asked:
    """Says no so many times; each question takes a while."""

    def __init__(self, clock, times):
        self.clock, self.times = clock, times

    def __call__(self, script):
        self.clock.pass_time(timedelta(seconds=20))
        self.times -= 1
        return Answer(exit_code=0 if self.times < 0 else 1, output=b"msp: why not yet\n")


@pytest.mark.parametrize(
    ("times", "outcome", "reason"),
    [
        (2, Outcome.SUCCEEDED, "nothing was to do"),
        (99, Outcome.FAILED, "it did not come within 1m: not yet"),
    ],
)
def test_a_wait_asks_until_it_is_there_or_its_time_is_over(times, outcome, reason):
    clock = StandingClock()
    host = FakeHost(looked=Asked(clock, times))
    events = list(run_on_host(job(book(steps=(ACT, THERE), verify=())), tools({"a": host}, clock=clock)))
    assert (events[-1].result.outcome, events[-1].result.reason) == (outcome, reason)
    waits = [event for event in events if isinstance(event, Waiting)]
    assert {(event.why, event.pause) for event in waits} == {("until it is there: not yet", THERE.every)}
    assert len(waits) == min(times, 2)


@pytest.mark.parametrize(("takes", "outcome"), [(20, Outcome.SUCCEEDED), (90, Outcome.BLOCKED)])
def test_a_wait_outlives_a_link_that_breaks_but_not_its_own_time(takes, outcome):
    clock, host = StandingClock(), FakeHost()

    def looked(_):
        host.looked = disk_answer("40%")
        clock.pass_time(timedelta(seconds=takes))
        raise LinkLost("the link broke")

    host.looked = looked
    result = ended(job(book(steps=(THERE, ACT), verify=())), host, clock=clock)
    assert (result.outcome, len(host.ran)) == (outcome, 1 if outcome is Outcome.SUCCEEDED else 0)
    assert result.reason in {"nothing was to do", "it did not come within 1m: the link broke"}


WORD = ApproveStep(kind="approve", name="approval", question="Shall it go on?")


def word(**changes):
    said = {"granted": True, "by": "ada", "reason": "", "at": StandingClock().at}
    return Approval(**{"run_id": "r-1", "step": "approval"} | said | changes)


@pytest.mark.parametrize(
    ("said", "outcome", "reason", "done"),
    [
        (word(), Outcome.SUCCEEDED, "nothing was to do", 1),
        (word(granted=False, reason="not today"), Outcome.DEFERRED, "ada did not approve it: not today", 0),
        (None, Outcome.DEFERRED, "nobody approved it within 4h", 0),
    ],
)
def test_a_step_waits_for_a_word_and_without_one_the_host_is_left_as_it_is(said, outcome, reason, done):
    clock, journal, host = StandingClock(), MemoryJournal(), FakeHost(looked=disk_answer("40%"))
    waits, result = 0, None
    for event in run_on_host(job(book(steps=(WORD, ACT))), tools({"a": host}, journal, clock=clock)):
        match event:
            case Waiting():
                assert "Shall it go on? msp-ops runs approve r-1" in event.why
                waits += 1
                journal.words = {"approval": said} if said else {}
                clock.pass_time(timedelta(hours=2))
            case HostEnded():
                result = event.result
    assert (result.outcome, result.reason, len(host.ran)) == (outcome, reason, done)
    assert waits == (1 if said else 2)


def test_a_store_that_cannot_be_asked_for_a_moment_undoes_nothing():
    clock, journal, host = StandingClock(), MemoryJournal(), FakeHost(looked=disk_answer("40%"))
    journal.words = {"approval": word()}
    answers = iter([StoreError("the store is busy"), word()])

    def approval(_run, _step):
        answer = next(answers)
        if isinstance(answer, StoreError):
            raise answer
        return answer

    journal.approval = approval
    steps = (ACT, WORD, acts("more"))
    events = list(run_on_host(job(book(steps=steps, undo=(UNDO,))), tools({"a": host}, journal, clock=clock)))
    assert [event.why.endswith("; the store is busy") for event in events if isinstance(event, Waiting)] == [True]
    assert events[-1].result.outcome is Outcome.SUCCEEDED


def test_a_no_after_a_change_is_a_failure_that_is_undone():
    journal, host = MemoryJournal(), FakeHost(looked=disk_answer("40%"))
    journal.words = {"approval": word(granted=False)}
    result = ended(job(book(steps=(ACT, WORD, acts("more")), undo=(UNDO,))), host, journal=journal)
    assert result.outcome is Outcome.FAILED
    assert result.reason == "ada did not approve it; an earlier step had changed the host already; undone"


def test_a_word_that_comes_after_the_window_closed_comes_too_late():
    journal, host = MemoryJournal(), FakeHost(looked=disk_answer("40%"))
    journal.words = {"approval": word()}
    answers = iter([None, "the window has closed"])
    late = replace(job(book(steps=(WORD, ACT))), refused=lambda: next(answers))
    result = ended(late, host, journal=journal)
    assert (result.outcome, result.reason) == (Outcome.DEFERRED, "ada approved it; the window has closed")


def test_a_script_that_looks_is_a_check_whose_findings_end_when_it_finds_nothing():
    said = b"msp: finding warning sda it is old\nmsp: measurement wear 12 percent\n"
    look = ScriptStep(kind="script", name="disks", file="there.sh", changes=False)
    result = ended(
        job(book(steps=(look,), verify=(), impact="read-only")),
        FakeHost(looked=lambda _: Answer(exit_code=0, output=said)),
    )
    (step,) = result.steps
    assert (step.checks, step.findings[0].check) == (("fix-disk/there",), "fix-disk/there")
    assert [figure.name for figure in step.measurements] == ["wear"]


MISSPELT = b"msp: finding warning sda it is old\nmsp: finding medium sdb it is old\nmsp: measure wear 12 percent\n"
UNREADABLE = "its report has a line that cannot be read: 'msp: finding medium sdb it is old' and 1 more"


def test_a_look_that_misspells_its_report_proves_nothing_and_closes_no_finding():
    look = ScriptStep(kind="script", name="disks", file="there.sh", changes=False)
    host = FakeHost(looked=lambda _: Answer(exit_code=0, output=MISSPELT))
    result = ended(job(book(steps=(look,), verify=(), impact="read-only")), host)
    (step,) = result.steps
    assert (result.outcome, step.outcome, step.reason) == (Outcome.UNVERIFIED, Outcome.UNVERIFIED, UNREADABLE)
    assert (step.unjudged, [each.subject for each in step.findings]) == ((EVERYTHING,), ["sda"])


def test_a_fix_that_misspells_its_report_is_never_called_done():
    host = FakeHost(looked=disk_answer("40%"), changed=lambda _: Answer(exit_code=0, output=b"msp: chnaged it\n"))
    result = ended(job(book(steps=(ACT,), verify=(LOOK,))), host)
    assert (result.outcome, result.steps[0].unjudged) == (Outcome.UNVERIFIED, (EVERYTHING,))
    assert "its report has a line that cannot be read: 'msp: chnaged it'" in result.reason


def test_a_gate_that_cannot_be_told_to_be_open_is_shut():
    clock = StandingClock()

    def cannot_tell(_):
        clock.pass_time(timedelta(seconds=40))
        return Answer(exit_code=75, output=b"msp: why cannot tell\n")

    host = FakeHost(looked=cannot_tell)
    result = ended(job(book(steps=(THERE, ACT), verify=())), host, clock=clock)
    assert (result.outcome, host.ran) == (Outcome.BLOCKED, {})
    after = ended(job(book(steps=(ACT, THERE, acts("more")), verify=(), undo=(UNDO,))), host, clock=clock)
    assert (after.outcome, len(host.ran)) == (Outcome.FAILED, 2)
    assert after.reason.endswith("an earlier step had changed the host already; undone")


def test_a_wait_that_a_person_stops_is_deferred_and_says_who():
    stopping = Stopping()
    stopping.finish("kim")
    look_first = book(steps=(THERE,), verify=(), impact="read-only")
    host = FakeHost(looked=lambda _: Answer(exit_code=1, output=b"msp: why not there\n"))
    result = ended(job(look_first), host, stopping=stopping)
    assert (result.outcome, result.reason) == (Outcome.DEFERRED, "stopped before it came: kim")


def test_an_undo_of_which_nothing_is_for_the_host_does_not_say_undone():
    other = replace(UNDO, condition=when(platform=("rhel",)))
    host = Linux("debian", changed=lambda _: Answer(exit_code=1, output=b"msp: why broken\n"))
    result = ended(job(book(undo=(other,))), host)
    assert result.reason == "clean up ended with 1: broken; nothing of its undo is for this host"


def test_a_host_that_is_out_of_reach_after_a_change_is_not_told_as_untouched():
    play = PlaybookStep(kind="playbook", name="site", file="site.yml")
    lost = HostEnd(host_id="a", outcome=Outcome.NOT_REACHED, reason="no route", changed=(), evidence=NOTHING)
    made = replace(tools({"a": Held()}), play=lambda *_: iter([lost]))
    *_, last = run_on_host(job(book(steps=(ACT, play))), made)
    assert last.result.outcome is Outcome.FAILED
    assert last.result.reason == "no route; an earlier step had changed the host already"


def test_another_host_reaches_a_script_with_its_address():
    scripts = []
    host = FakeHost(changed=lambda script: scripts.append(script) or Answer(exit_code=0, output=b""))
    twin = book(parameters={"twin": OtherHost(kind="host", title="The other one")}, verify=())
    ended(job(twin, parameters={"twin": HOSTS[1].id}), host)
    assert scripts[0].splitlines()[-3:-1] == ["twin=b", "twin_address=10.0.0.1"]
