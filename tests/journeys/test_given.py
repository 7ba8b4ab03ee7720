"""Secrets and files as parameters: a run keeps the reference and the digest, and nothing of what stands behind them."""

import base64
import json
import os
from dataclasses import replace
from datetime import time, timedelta

import pytest

from msp_ops.cli.as_json import as_json
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import FileError, NotPermitted, PlanError
from msp_ops.domain.given import Given, GivenFiles
from msp_ops.domain.occurrence import Occurrence, Request, RequestState
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parameters import GivenFile, Secret, Text
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.step import ScriptStep
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.occurrences import run_occurrence
from msp_ops.journeys.on_demand import Words, understand
from msp_ops.journeys.recover import lost_hosts, recover
from msp_ops.journeys.requests import run_request, save_request
from msp_ops.journeys.resume import what_is_left
from msp_ops.journeys.run_runbook import preview, run_runbook
from msp_ops.journeys.undo import what_to_undo
from msp_ops.secrets.references import resolver
from msp_ops.transports.base import Answer, Gone
from msp_ops.transports.fake import FakeHost, FakeTransport
from tests.engine.parts import ACME, runbook
from tests.journeys.cast import KIM, parts_with

VALUE = "p'a\"s$wörd $(x)\nsecond line"
ACT = ScriptStep(kind="script", name="set it", file="act.sh")
PROVE = ScriptStep(kind="script", name="prove it", file="prove.sh", changes=False)
UNDO = ScriptStep(kind="script", name="take it back", file="undo.sh")
BOOK = runbook(
    id="set-password",
    steps=(ACT,),
    verify=(PROVE,),
    preview=replace(PROVE, name="preview"),
    undo=(UNDO,),
    parameters={
        "password": Secret(kind="secret", title="The new password"),
        "config": GivenFile(kind="file", title="The new configuration"),
        "note": Text(kind="text", title="A note", default="none"),
    },
    scripts={"act.sh": "act\n", "prove.sh": "prove\n", "undo.sh": "undo\n"},
)


class Talkative(FakeHost):
    """Says back everything that it was given, in more than one spelling, and keeps what it was sent."""

    def __init__(self, code=0, **more):
        self.sent = []
        self.code = code
        super().__init__(looked=self._said, changed=self._said, **more)

    def _said(self, script):
        self.sent.append(script)
        value = VALUE if "second line" in script else "none"
        spellings = [value, json.dumps(value), base64.b64encode(value.encode()).decode(), value.encode().hex()]
        words = "".join(f"msp: finding warning it {each}\nmsp: changed it {each}\n" for each in spellings[1:])
        words += "msp: measurement digits 12345678 of-a-secret\n"
        code = self.code if script.rstrip().endswith("act") else 0
        return Answer(exit_code=code, output=f"{script}\n{words}msp: why {value}\n".encode())


class World:
    """One workspace with a file, an environment with a secret, and one host."""

    def __init__(self, store, clock, root):
        self.root, self.clock = root, clock
        self.environment = {"NEW_PASSWORD": VALUE}
        self.host = Talkative()
        (root / "site.conf").write_bytes(b"listen 443\x00\xff\n")
        parts = parts_with(store, clock, {"a": self.host}, books=(BOOK,), root=root)
        self.parts = replace(parts, resolve=resolver(root, self.environment))

    def words(self, **given):
        given = {"password": "env:NEW_PASSWORD", "config": "site.conf", **given}
        return Words(runbook=BOOK.id, target="acme/a", parameters=given, ticket="T-1", reason="", at_once=1)

    def asked(self, **given):
        return understand(self.parts.workspace, self.words(**given), KIM, Stopwatch.start(self.clock))

    def run(self, asked=None):
        return to_the_end(run_runbook(self.parts, asked or self.asked(), Stopping()))

    def read(self, run_id):
        return self.parts.store.runs.read(run_id)


@pytest.fixture
def world(store, clock, tmp_path):
    return World(store, clock, tmp_path)


def has_secret(said: bytes) -> bool:
    parts = (VALUE, *VALUE.splitlines(), json.dumps(VALUE)[1:-1], VALUE.encode().hex())
    spelt = base64.b64encode(VALUE.encode())[:24]
    return spelt in said or any(each.encode() in said for each in parts)


def test_the_script_is_given_the_value_and_the_file_and_the_store_the_reference_and_the_digest(world):
    run = world.read(world.run().id)
    assert run.outcome is Outcome.SUCCEEDED, run.hosts
    assert all(has_secret(script.replace("'\"'\"'", "'").encode()) for script in world.host.sent)
    assert len(world.host.sent) == 2
    assert run.plan.parameters == {"password": "env:NEW_PASSWORD", "config": "site.conf", "note": "none"}
    assert run.plan.secrets == ("password",)
    (config,) = run.plan.files
    assert (config.parameter, len(config.sha256)) == ("config", 64)


@pytest.mark.parametrize("code", [0, 1], ids=["well", "undone"])
def test_nothing_that_a_host_said_brings_the_secret_into_the_store_or_the_output(world, tmp_path, code):
    world.host.code = code
    events = list(run_runbook(world.parts, world.asked(), Stopping()))
    run = world.read(events[-1].run.id)
    shown = json.dumps(as_json(run)) + json.dumps([as_json(event) for event in events])
    said = b"".join(step.evidence.body for host in run.hosts for step in host.result.steps if step.evidence)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    assert b"[secret]" in said
    assert "env:NEW_PASSWORD" in shown
    for each in (said, shown.encode(), repr(events).encode(), repr(run).encode(), kept):
        assert not has_secret(each)


def test_a_secret_that_is_missing_touches_no_host_and_leaves_no_run(world):
    del world.environment["NEW_PASSWORD"]
    with pytest.raises(FileError, match=r"password: the secret env:NEW_PASSWORD is not set: export NEW_PASSWORD"):
        world.run()
    assert (world.host.asked, world.host.ran, world.parts.store.runs.list("acme")) == ([], {}, [])
    with pytest.raises(FileError, match="password: the secret"):
        list(preview(world.parts, world.asked()))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("abc", "no line of 4 characters"),
        ("", "no line of 4 characters"),
        (" abc \n ab\nabc\n", "no line of 4 characters"),
        ("x\0yz", "NUL byte"),
        ("caf\udce9s", "bytes that are not UTF-8"),
        ("x" * 65537, "more than 64 KiB"),
        ("-rf /hunter2", "begins with a dash"),
    ],
)
def test_a_value_that_cannot_be_kept_secret_or_given_is_refused_and_not_repeated(world, value, says):
    world.environment["NEW_PASSWORD"] = value
    with pytest.raises(FileError) as caught:
        world.run()
    assert str(caught.value).startswith("password: the secret env:NEW_PASSWORD ")
    assert says in str(caught.value)
    assert not value[:60] or value[:60] not in str(caught.value)
    assert world.host.ran == {}


@pytest.mark.parametrize("value", ["  hunter22 \n", "hunter22\r\n", "\n\thunter22\t\nhunter33"])
def test_a_secret_is_masked_also_where_the_space_around_it_is_gone(world, value):
    world.environment["NEW_PASSWORD"] = value
    world.host.changed = lambda _: Answer(exit_code=0, output=b"msp: changed it to hunter22\nhunter33\n")
    run = world.read(world.run().id)
    said = run.hosts[0].result.steps[0].evidence.body
    assert b"hunter22" not in said
    assert (b"hunter33" in said) == ("hunter33" not in value)


def test_a_key_may_begin_with_its_dashes(world):
    world.environment["NEW_PASSWORD"] = "-----BEGIN KEY-----\nsecond line\n-----END KEY-----\n"
    assert world.run().outcome is Outcome.SUCCEEDED


def test_a_preview_shows_what_the_host_says_without_the_secret(world):
    (seen,) = preview(world.parts, world.asked())
    assert seen.reached
    assert any("[secret]" in line for line in seen.lines)
    assert not has_secret("\n".join(seen.lines).encode())


def test_a_secret_that_was_given_itself_is_refused_and_not_repeated(world):
    for value in ("hunter22", "-hunter22", "hunter22\nx", "env:hunter 22", "env:", "secret:hunter22", "h" * 2000):
        with pytest.raises(PlanError) as caught:
            world.asked(password=value)
        assert "password: what was given is no reference" in str(caught.value)
        assert "hunter" not in str(caught.value)
        assert "hhhh" not in str(caught.value)


def test_an_undo_is_given_the_secret_anew(world):
    run = world.run()
    world.environment["NEW_PASSWORD"] = "another one, second line"
    undone = world.run(what_to_undo(world.parts, run.id, KIM, Stopwatch.start(world.clock)))
    assert undone.outcome is Outcome.SUCCEEDED
    assert "another one" in world.host.sent[-1]
    del world.environment["NEW_PASSWORD"]
    with pytest.raises(FileError, match="is not set"):
        world.run(world.asked())


def test_a_file_that_has_changed_since_is_refused_by_undo_and_resume_and_what_is_right_is_said(world):
    world.host.code = 1
    run = world.run()
    before = world.read(run.id).plan.files[0].sha256
    (world.root / "site.conf").write_text("listen 80\n")
    for ask in (
        lambda: what_to_undo(world.parts, run.id, KIM, Stopwatch.start(world.clock)),
        lambda: what_is_left(world.parts, run, KIM, Stopwatch.start(world.clock), only_failed=False),
    ):
        with pytest.raises(PlanError) as caught:
            ask()
    assert str(caught.value) == (
        f"config: the file site.conf has changed since run {run.id}: bring back what it was (sha256 {before}), or "
        f"start the runbook anew"
    )
    (world.root / "site.conf").write_bytes(b"listen 443\x00\xff\n")
    assert what_is_left(world.parts, run, KIM, Stopwatch.start(world.clock), only_failed=False).files.contents


def test_the_plan_of_another_file_is_another_plan(world):
    first = world.asked().plan().digest
    (world.root / "site.conf").write_text("listen 80\n")
    assert world.asked().plan().digest != first


def test_what_the_plan_was_made_of_is_what_the_host_gets(world):
    asked = world.asked()
    (world.root / "site.conf").write_text("listen 80\n")
    world.run(asked)
    assert base64.b64encode(b"listen 443\x00\xff\n").decode() in world.host.sent[0]


@pytest.mark.parametrize(
    ("name", "says"),
    [("gone.conf", "No such file"), ("folder", "Is a directory"), ("pipe", "is no plain file"), ("huge", "1 MiB")],
)
def test_a_file_that_cannot_be_given_is_told_before_anything_else(world, name, says):
    (world.root / "folder").mkdir()
    os.mkfifo(world.root / "pipe")
    (world.root / "huge").write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(PlanError, match=r"^config: ") as caught:
        world.asked(config=name)
    assert says in str(caught.value)


def left_unknown(world):
    world.host.ends_as = Gone()
    run = world.run()
    assert run.outcome is Outcome.UNKNOWN
    world.host.ends_as, world.host.sent = None, []
    return world.read(run.id)


def test_recovery_resolves_the_secret_anew_and_masks_it(world):
    run = left_unknown(world)
    (told,) = recover(world.parts, lost_hosts(world.parts))
    assert told.outcome is Outcome.SUCCEEDED, told.reason
    assert "second line" in world.host.sent[-1]
    assert not has_secret(repr(world.read(run.id)).encode())


def left_with_an_end(world):
    """The link breaks behind the commit: the host alone knows how it ended."""
    world.host.cut_at = "follow"
    run = world.run()
    assert run.outcome is Outcome.UNKNOWN
    return world.read(run.id)


def kept_of(tmp_path) -> bytes:
    return b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))


@pytest.mark.parametrize("code", [0, 1, 75], ids=["well", "failed", "blocked"])
def test_a_secret_that_was_changed_before_the_recovery_stands_nowhere(world, tmp_path, code):
    """The host says again what it was given before the crash; nobody knows that any more."""
    world.host.code = code
    run = left_with_an_end(world)
    world.environment["NEW_PASSWORD"] = "quite another one"
    told = list(recover(world.parts, lost_hosts(world.parts)))
    found = world.read(run.id)
    shown = json.dumps(as_json(found)) + json.dumps([as_json(each) for each in told]) + repr(found)
    assert not has_secret(shown.encode())
    assert not has_secret(kept_of(tmp_path))
    (host,) = found.hosts
    first = host.result.steps[0]
    assert first.exit_code == code
    assert (len(first.changed), len(first.findings), first.measurements) == (1, 1, ())
    assert [finding.severity for finding in first.findings] == ["warning"]
    assert b"run the runbook again" in first.evidence.body


@pytest.mark.parametrize(
    ("code", "outcome", "says"),
    [
        (0, Outcome.SUCCEEDED, "by recovery"),
        (1, Outcome.FAILED, "set it ended with 1: what"),
        (75, Outcome.BLOCKED, "not kept"),
    ],
)
def test_how_a_host_ended_is_told_also_where_its_words_are_not_kept(world, code, outcome, says):
    world.host.code = code
    left_with_an_end(world)
    (told,) = recover(world.parts, lost_hosts(world.parts))
    assert told.outcome is outcome
    assert says in told.reason


def test_what_recovery_did_not_keep_closes_no_finding(world):
    world.run()
    left_unknown(world)
    assert [told.outcome for told in recover(world.parts, lost_hosts(world.parts))] == [Outcome.SUCCEEDED]
    found = world.parts.store.findings.list("acme")
    assert {(each.finding.check, each.finding.subject) for each in found} == {
        ("set-password", "it"),
        ("set-password/prove", "it"),
        ("set-password/prove", "something"),
    }


@pytest.mark.parametrize("moment", ["connect", "withdraw"])
def test_a_host_that_cannot_be_asked_says_nothing_of_a_secret(world, moment):
    left_with_an_end(world)
    world.host.cut_at = moment
    (told,) = recover(world.parts, lost_hosts(world.parts))
    assert told.outcome is Outcome.UNKNOWN
    assert ("cannot be reached" in told.reason) == (moment == "connect")
    assert "broke at" not in told.reason, "the words of a link may be those of the host"


def test_recovery_without_the_secret_asks_nothing_that_it_could_not_mask(world):
    left_unknown(world)
    del world.environment["NEW_PASSWORD"]
    (told,) = recover(world.parts, lost_hosts(world.parts))
    assert (told.outcome, world.host.sent) == (Outcome.UNKNOWN, [])
    assert "the secret env:NEW_PASSWORD is not set" in told.reason


def test_recovery_with_another_file_proves_nothing_by_it(world):
    left_unknown(world)
    (world.root / "site.conf").write_text("listen 80\n")
    (told,) = recover(world.parts, lost_hosts(world.parts))
    assert (told.outcome, world.host.sent) == (Outcome.UNKNOWN, [])


def test_what_was_delivered_and_never_begun_is_taken_from_the_host(world):
    stopping = Stopping()

    class Stopped(Talkative):
        def breaks(self, moment):
            if moment == "deliver":
                stopping.finish("kim")

    world.host = Stopped()
    parts = replace(world.parts, wire=FakeTransport({"a": world.host}))
    run = to_the_end(run_runbook(parts, world.asked(), stopping))
    assert (run.outcome, world.host.ran, world.host.delivered) == (Outcome.DEFERRED, {}, {})


def test_what_was_given_shows_itself_to_nobody():
    given = Given(secrets={"password": VALUE}, files=GivenFiles(contents={"config": b"x"}))
    assert repr(given) == "Given(password, config)"


def test_a_request_keeps_the_reference_and_its_run_is_given_what_lies_behind_it(world, tmp_path):
    request = save_request(world.parts, world.words(), KIM)
    assert request.parameters["password"] == "env:NEW_PASSWORD"
    run = run_request(world.parts, request.id)
    assert run.outcome is Outcome.SUCCEEDED
    assert "second line" in world.host.sent[0]
    assert not any(has_secret(path.read_bytes()) for path in tmp_path.glob("store.db*"))


def test_a_file_that_has_changed_since_it_was_asked_for_makes_no_run_and_what_is_right_is_kept(world):
    request = save_request(world.parts, world.words(), KIM)
    assert request.files == world.asked().plan().files
    (world.root / "site.conf").write_text("listen 80\n")
    with pytest.raises(NotPermitted) as caught:
        run_request(world.parts, request.id)
    assert str(caught.value) == (
        f"config: the file site.conf has changed since request {request.id}: bring back what it was (sha256 "
        f"{request.files[0].sha256}), or ask for it anew"
    )
    told = world.parts.store.requests.read(request.id)
    assert (told.state, told.refusal) == (RequestState.REFUSED, str(caught.value))
    assert (world.host.ran, world.host.asked) == ({}, [])


def test_a_request_of_an_earlier_version_binds_no_file_and_runs(world):
    request = Request(
        id="q-1",
        client_id="acme",
        runbook_id=BOOK.id,
        hosts="a",
        parameters=dict(world.words().parameters),
        ticket="T-1",
        reason="",
        actor="kim",
    )
    world.parts.store.requests.save(request)
    assert run_request(world.parts, request.id).outcome is Outcome.SUCCEEDED


def test_a_request_with_the_secret_itself_is_not_saved(world):
    with pytest.raises(PlanError, match="no reference to a secret"):
        save_request(world.parts, world.words(password="hunter22"), KIM)
    assert world.parts.store.requests.list() == []


def scheduled(world, **given):
    schedule = Schedule(
        id="set",
        runbook=BOOK.id,
        hosts="a",
        rrule="FREQ=DAILY",
        start=time(12),
        parameters=world.words(**given).parameters,
    )
    client = replace(ACME, schedules=(schedule,))
    parts = replace(world.parts, workspace=replace(world.parts.workspace, clients={client.id: client}))
    now = world.clock.now()
    planned = Occurrence(
        id="o-1", client_id="acme", schedule_id="set", planned_at=now, latest_start_at=now + timedelta(hours=1)
    )
    parts.store.occurrences.plan("acme", now + timedelta(days=1), [planned])
    return parts


def test_a_schedule_gives_both(world):
    run = run_occurrence(scheduled(world), "o-1")
    assert run.outcome is Outcome.SUCCEEDED
    assert "second line" in world.host.sent[0]


def test_a_schedule_whose_file_or_secret_is_gone_touches_no_host_and_says_why(world):
    with pytest.raises(PlanError, match=r"config: the file .*gone\.conf cannot be read"):
        run_occurrence(scheduled(world, config="gone.conf"), "o-1")
    assert "gone.conf cannot be read" in world.parts.store.occurrences.read("o-1").reason
    assert world.host.ran == {}
