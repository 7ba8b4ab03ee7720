"""A playbook as one step: intent before it begins, the host held meanwhile, never run twice."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from msp_ops.domain.errors import FileError, NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Intent, Parcel
from msp_ops.domain.run import Evidence
from msp_ops.domain.step import Condition, ModuleStep, PlaybookStep, ScriptStep
from msp_ops.engine.events import HostEnded, Intended, Said
from msp_ops.engine.host import run_on_host
from msp_ops.engine.play import LOST, MARK, SIGN, SILENT
from msp_ops.engine.preview import preview_host
from msp_ops.engine.recover import Lost, Recovery, StillUnknown
from msp_ops.playbooks.job import HostEnd, TaskSaid
from msp_ops.transports.base import Answer, Ended
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACT, LOOK, MemoryJournal, StandingClock, disk_answer, job, runbook, tools
from tests.engine.test_language import UNDO, Held
from tests.lab.waiting import wait_until

AT = StandingClock().at
SITE = PlaybookStep(kind="playbook", name="site", file="site.yml")
BOOK = runbook(steps=(SITE,), scripts={}, folder="/books/fix-disk")


def ends(outcome=Outcome.SUCCEEDED, reason="", changed=("install nginx",)):
    body = b"ok: install nginx\n"
    return HostEnd(
        host_id="a",
        outcome=outcome,
        reason=reason,
        changed=changed,
        evidence=Evidence(digest=sha256(body).hexdigest(), body=body),
    )


class Player:
    """Ansible as it is told to be; `orders` are what was asked of it."""

    def __init__(self, *events):
        self.events = events
        self.orders = []

    def __call__(self, order, stopping, redact) -> Iterator[object]:
        self.orders.append(order)
        for event in self.events:
            if isinstance(event, BaseException):
                raise event
            yield event


def played(player, host, journal=None, book=BOOK, parameters=None):
    made = tools({"a": host}, journal)
    return list(run_on_host(job(book, parameters=parameters), _with(made, player)))


def _with(made, player):
    return replace(made, play=player)


def test_a_playbook_is_one_step_between_intent_and_result():
    said = TaskSaid(host_id="a", play="site", task="install nginx", status="changed", text="")
    player, host, journal = Player(said, ends()), Held(), MemoryJournal()
    events = played(player, host, journal, parameters={"max-age": "60"})
    assert [told[0] for told in journal.told] == ["take", "intend", "record"]
    assert [type(event) for event in events if isinstance(event, Intended | Said)] == [Intended, Said]
    result = events[-1].result
    assert (result.outcome, result.steps[0].changed, result.steps[0].exit_code) == (
        Outcome.SUCCEEDED,
        ("install nginx",),
        0,
    )
    (order,) = player.orders
    assert (order.what.file, order.variables, order.check) == (
        "site.yml",
        {"max_age": "60", "msp_kept": "/var/lib/msp-ops/kept/r-1"},
        False,
    )
    assert "'0\nmsp: changed playbook install nginx\n'" in host.signs[-1]


@pytest.mark.parametrize(
    ("end", "outcome", "code"),
    [
        (ends(Outcome.FAILED, "install nginx: no such package"), Outcome.FAILED, 1),
        (ends(Outcome.SKIPPED, "no play touched it", ()), Outcome.FAILED, 1),
        (ends(Outcome.NOT_REACHED, "no route", ()), Outcome.NOT_REACHED, 75),
        (ends(Outcome.UNKNOWN, "it was stopped in the middle"), Outcome.UNKNOWN, LOST),
    ],
)
def test_what_did_not_end_well_is_never_green(end, outcome, code):
    host = Held()
    result = played(Player(end), host)[-1].result
    assert (result.outcome, result.reason) == (outcome, end.reason)
    assert f"'{code}\n" in host.signs[-1]


def test_a_playbook_that_cannot_begin_has_changed_nothing():
    result = played(Player(FileError("site.yml:3: no such module")), Held())[-1].result
    assert result.outcome is Outcome.BLOCKED
    assert result.reason == "the playbook did not begin: site.yml:3: no such module"


def test_a_host_that_another_change_holds_gets_no_playbook():
    player = Player(ends())
    result = played(player, Held(blocked_by="another run of msp-ops is changing this host"))[-1].result
    assert (result.outcome, player.orders) == (Outcome.BLOCKED, [])


def test_a_playbook_that_fails_is_undone_and_one_that_is_unknown_is_not():
    book = runbook(steps=(SITE,), scripts={"back.sh": "echo back\n"}, undo=(UNDO,))
    failed = played(Player(ends(Outcome.FAILED, "no")), Held(), book=book)[-1].result
    assert [step.name for step in failed.steps] == ["site", "put it back"]
    unknown = played(Player(ends(Outcome.UNKNOWN, "cut")), Held(), book=book)[-1].result
    assert [step.name for step in unknown.steps] == ["site"]


class Hurrying(StandingClock):
    """Twenty seconds pass whenever somebody looks at it."""

    def elapsed(self):
        self.pass_time(timedelta(seconds=20))
        return super().elapsed()


def test_a_host_hears_signs_of_life_also_while_a_playbook_talks_without_a_pause():
    said = [TaskSaid(host_id="a", play="site", task=f"task {number}", status="ok", text="") for number in range(5)]
    host = Held()
    list(run_on_host(job(BOOK), _with(tools({"a": host}, clock=Hurrying()), Player(*said, ends()))))
    assert sum("/beat" in sign for sign in host.signs) >= 5


def test_a_preview_names_what_nobody_looked_at():
    steps = (ACT, replace(SITE, condition=Condition(parameter={"deep": "yes"}, after={})))
    book = runbook(steps=steps, scripts={"clean.sh": ""}, folder="/books")
    seen = preview_host(job(book, parameters={"deep": "no"}), _with(tools({}), Player(ends())))
    assert seen.lines == ("clean up: not looked at: it has no preview",)


def test_a_preview_is_ansibles_check_mode():
    player = Player(ends())
    seen = preview_host(job(BOOK), _with(tools({}), player))
    assert (seen.reached, seen.lines) == (True, ("site: would change: install nginx",))
    assert player.orders[0].check is True


LINE = ModuleStep(kind="module", name="the line", module="ansible.builtin.lineinfile", arguments={}, changes=False)


@pytest.mark.parametrize(
    ("end", "outcome", "says"),
    [
        (ends(changed=()), Outcome.SUCCEEDED, "nothing was to do"),
        (ends(), Outcome.FAILED, "the line: ansible.builtin.lineinfile would change something"),
        (ends(Outcome.FAILED, "no Python", ()), Outcome.UNVERIFIED, "could not tell: no Python"),
        (ends(reason="every task was skipped here", changed=()), Outcome.UNVERIFIED, "could not tell: every task"),
        (ends(Outcome.SKIPPED, "no play is for this host", ()), Outcome.UNVERIFIED, "could not tell: no play"),
        (ends(Outcome.UNVERIFIED, "it was stopped", ()), Outcome.UNVERIFIED, "could not tell: it was stopped"),
        (FileError("password hunter2"), Outcome.UNVERIFIED, "the line could not be asked: password [secret]"),
        (ends(Outcome.NOT_REACHED, "no route", ()), Outcome.UNVERIFIED, "no route; the change ended, its"),
    ],
)
def test_a_module_proves_that_nothing_would_change(end, outcome, says):
    player, journal, host = Player(end), MemoryJournal(), FakeHost()
    result = played(player, host, journal, book=runbook(verify=(LINE,), folder="/books/fix-disk"))[-1].result
    assert result.outcome is outcome
    assert says in result.reason
    (order,) = player.orders
    assert order.check is True
    assert [told[1:3] for told in journal.told if told[0] == "intend"] == [("a", "clean up")], "it is no change"


def test_a_module_that_looks_holds_no_host_and_is_no_change_of_a_preview():
    book = runbook(impact="read-only", steps=(LINE,), verify=(), scripts={}, folder="/books/audit")
    journal = MemoryJournal()
    result = played(Player(ends()), FakeHost(), journal, book=book)[-1].result
    assert (result.outcome, result.steps[0].changed) == (Outcome.FAILED, ())
    assert [told[0] for told in journal.told] == ["record"]
    assert not book.can_preview


QUOTING = FileError("site.yml: its password hunter2 is wrong")


class Unfriendly:
    """Refuses every connection, and quotes what it was given."""

    def connect(self, target):
        raise NotReached(f"{target.who} said: hunter2")


def test_why_a_preview_did_not_come_is_masked():
    seen = preview_host(job(BOOK), _with(tools({}), Player(QUOTING)))
    assert seen.lines == ("site.yml: its password [secret] is wrong",)
    looks = runbook(preview=ScriptStep(kind="script", name="preview", file="clean.sh", changes=False))
    seen = preview_host(job(looks), replace(tools({}), transport=Unfriendly()))
    assert seen.lines == ("acme/a said: [secret]",)


def test_the_host_is_told_why_a_playbook_did_not_begin_without_the_secret():
    host = Held()
    played(Player(QUOTING), host)
    assert any("password [secret]" in sign for sign in host.signs)
    assert not any("hunter2" in sign for sign in host.signs)


def test_the_verification_still_decides():
    host = Held()
    host.looked = lambda script: host.answer(script) if script.startswith(SIGN) else disk_answer("99%")(script)
    book = runbook(steps=(SITE,), scripts={}, verify=(LOOK,), fails_on="critical")
    *_, last = played(Player(ends()), host, book=book)
    assert isinstance(last, HostEnded)
    assert last.result.outcome is Outcome.FAILED


def mark(folder, seconds=2):
    """The script that holds a host, with less patience."""
    text = MARK.replace("mark=MARK", f"mark='{folder}/a mark'").replace(f"-ge {SILENT.seconds}", f"-ge {seconds}")
    return subprocess.Popen(["sh", "-c", text], stdout=subprocess.PIPE, text=True)


def test_a_mark_that_nobody_speaks_to_ends_as_what_nobody_knows_the_end_of(tmp_path):
    with mark(tmp_path) as held:
        said, _ = held.communicate(timeout=20)
    assert held.returncode == LOST
    assert "nobody can say how the playbook ended" in said


def test_a_mark_ends_as_it_is_told_and_leaves_nothing(tmp_path):
    with mark(tmp_path, 60) as held:
        wait_until((tmp_path / "a mark").exists)
        (tmp_path / "a mark" / "said").write_text("1\nmsp: changed playbook install nginx\n")
        said, _ = held.communicate(timeout=20)
    assert (held.returncode, said) == (1, "msp: changed playbook install nginx\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("code", "outcome"), [(LOST, "unknown"), (1, "failed"), (75, "blocked")])
def test_recovery_reads_the_mark_and_makes_nothing_of_silence(code, outcome):
    end = Ended(answer=Answer(exit_code=code, output=b"msp: why it broke\n"))
    host = FakeHost(looked=lambda _: Answer(exit_code=255, output=b""), ends_as=end)
    intent = Intent(parcel=Parcel(id="r-1-a-0", step="site", run_as="root", timeout=SITE.timeout), at=AT)
    host.delivered[intent.parcel.id] = b""
    host.ended[intent.parcel.id] = end
    lost = Lost(job=job(BOOK), intents=(intent,), as_it_was=False)
    found = Recovery(lost, tools({"a": host})).found()
    assert isinstance(found, StillUnknown) if outcome == "unknown" else found.outcome.word == outcome
