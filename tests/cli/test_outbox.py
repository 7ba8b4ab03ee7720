"""`msp-ops outbox`, as people and scripts use it."""

import json
from threading import Event

import pytest

from msp_ops.cli.service import _send
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store
from msp_ops.wiring import open_workspace, read_settings
from tests.exports.stand_in import stand_in
from tests.files.cast import write
from tests.journeys.outbox_cast import TOKEN, marks, messages, workspace_with

pytestmark = pytest.mark.wire
FIRST = "psa/kimai/acme-2026-11-1"


@pytest.fixture
def psa():
    with stand_in() as server:
        yield server


@pytest.fixture
def outbox(msp_ops, sample, psa):
    """`msp-ops outbox ...` with two messages in it."""
    workspace_with(sample, psa.url)
    with open_store(f"sqlite:///{sample}/.state/store.db", SystemClock()) as store:
        store.outbox.queue(messages(2), "kim")
    return lambda *words: msp_ops("outbox", *words, environment={"PSA_TOKEN": TOKEN})


def test_what_waits_is_listed_sent_and_shown_with_what_it_is_called_there(outbox, psa):
    listed = outbox("list")
    assert listed.returncode == 0, listed.stderr
    assert f"{FIRST}  acme" in listed.stdout
    assert listed.stdout.count("waiting  0      now") == 2
    sent = outbox("send")
    assert sent.returncode == 0, sent.stderr
    assert f"{FIRST} sent as 1" in sent.stderr
    assert marks(psa) == ["acme-2026-11-1", "acme-2026-11-2"]
    assert outbox("list").stdout == "nothing waits\n"
    assert "sent" in outbox("list", "--all").stdout
    shown = outbox("show", FIRST)
    assert "there it is 1" in shown.stderr
    assert [word in shown.stdout for word in ("queued", "kim", "sent", "process", "[msp-ops acme-2026-11-1]")] == [
        True
    ] * 5
    assert outbox("send").stderr == "Nothing is due.\n"
    every = "".join(outbox(*words).stdout for words in (("list", "--all", "--json"), ("show", FIRST, "--json")))
    assert TOKEN not in every + sent.stderr + shown.stdout


def test_what_is_refused_needs_a_person_who_retries_or_drops_it(outbox, psa):
    psa.faults = ["400", "400"]
    sent = outbox("send")
    assert sent.returncode == 1
    assert f"{FIRST} refused: 400" in sent.stderr
    assert "2 need a person: correct what was said and `msp-ops outbox retry`" in outbox("list").stderr
    assert outbox("retry", FIRST).returncode == 0
    assert outbox("drop", "psa/kimai/acme-2026-11-2", "--why", "entered by hand").returncode == 0
    assert outbox("send").returncode == 0
    assert marks(psa) == ["acme-2026-11-1"]
    gone = json.loads(outbox("show", "psa/kimai/acme-2026-11-2", "--json").stdout)
    assert (gone["state"], gone["history"][-1]["said"], gone["needs_a_person"]) == ("dropped", "entered by hand", False)
    assert outbox("retry", FIRST).returncode == 2
    assert outbox("drop", "psa/kimai/acme-2026-11-3", "--why", "x").returncode == 2


def test_what_may_be_there_ends_with_the_exit_code_of_the_unknown(outbox, psa):
    psa.faults = ["vanish"]
    sent = outbox("send", "--json")
    assert sent.returncode == 6
    said = json.loads(sent.stdout)
    assert [each["state"] for each in said["tried"]] == ["unknown"]
    assert sorted(said["waiting"]) == [FIRST, "psa/kimai/acme-2026-11-2"]
    assert outbox("send").stderr == "Nothing is due; 2 wait: msp-ops outbox list\n"


def test_a_secret_that_is_not_set_is_told_and_nothing_is_lost(outbox, msp_ops, psa):
    sent = msp_ops("outbox", "send")
    assert sent.returncode == 1
    assert (
        f"{FIRST} not sent: the secret env:PSA_TOKEN is not set: export PSA_TOKEN before msp-ops starts" in sent.stderr
    )
    assert psa.asked == []
    outbox("retry", FIRST)
    assert outbox("send").returncode == 0
    assert len(psa.entries) == 2


def test_the_service_sends_by_itself_and_says_once_what_needs_a_person(outbox, sample, psa, monkeypatch, capsys):
    monkeypatch.setenv("PSA_TOKEN", TOKEN)
    psa.faults = ["400"]
    turn = _send()
    for _ in range(3):
        with open_workspace(read_settings(sample)) as parts:
            turn(parts, Event())
    assert marks(psa) == ["acme-2026-11-2"]
    said = capsys.readouterr().err
    assert said.count(f"Needs a person: {FIRST} refused: 400") == 1
    assert "psa/kimai/acme-2026-11-2 sent as 1" in said


def test_a_mail_to_try_waits_until_somebody_says_through_which_server(msp_ops):
    queued = msp_ops("outbox", "test-mail", "desk@northwind.example")
    assert queued.returncode == 0, queued.stderr
    sent = msp_ops("outbox", "send")
    assert sent.returncode == 1
    assert "not sent: msp.yaml does not say through which server mail goes: add mail:" in sent.stderr
    (listed,) = json.loads(msp_ops("outbox", "list", "--json").stdout)
    assert (listed["kind"], listed["tries"], listed["state"]) == ("mail", 1, "waiting")


def test_a_push_of_an_open_month_and_an_export_to_nowhere_are_refused(msp_ops, sample, psa):
    workspace_with(sample, psa.url)
    push = msp_ops("export", "acme", "2026-11", "--to", "kimai", "--push")
    assert push.returncode == 4
    assert "2026-11 of acme is open" in push.stderr
    nowhere = msp_ops("export", "acme", "2026-11", "--to", "kimai")
    assert nowhere.returncode == 2
    assert "add --out FOLDER, or --push" in nowhere.stderr
    write(sample / "exports.yaml", "kimai: {api: {url: 'http://psa.example', token: 'env:X'}}\n")
    assert msp_ops("validate").returncode == 3
