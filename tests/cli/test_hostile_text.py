"""Whatever hosts, tickets and arguments say: a terminal is not steered, a line is not forged, nothing falls over."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.markup import render

from msp_ops.cli.progress import as_lines
from msp_ops.cli.talk import emit, err, out, rows, say, shown, visible
from msp_ops.domain.finding import Finding, Reading
from msp_ops.domain.trigger import OnDemand
from msp_ops.engine.events import HostEnded, NotRecorded, Said
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import runbook

EVIL = "[/x][red]a\x1b[31mb\nacme/web1: ok\tc\x9b2Jd\u202ee\u2028f\x7f\udcff"
SAID = r"[/x][red]a\x1b[31mb\nacme/web1: ok\tc\x9b2Jd\u202ee\u2028f\x7f\udcff"
TYPED = "[/x][red]:on: \u202e"
BAD_WORDS = ["T-1\x1b[31m", "T-1\nforged", "T\t1", "T-1\x9b2J", "T-1\x7f", "T-1\u2028forged"]
FIX = ("run", "fix-service", "acme/web1", "--service", "nginx", "--check")


@pytest.mark.parametrize(
    "sign", ["\n", "\t", "\r", "\x1b", "\x7f", "\x85", "\x9b", "\u202e", "\u2066", "\u2028", "\u2029"]
)
def test_a_sign_that_steers_a_terminal_or_begins_a_line_is_shown_as_its_number(sign):
    assert visible(f"a{sign}b").isprintable()
    assert visible("Grüße, 東京 ¼ ok") == "Grüße, 東京 ¼ ok"


@given(st.text(alphabet="\\\\[]/ab=#@1 "), st.text(alphabet="\\\\[]/ab=#@1 "))
def test_every_backslash_and_bracket_is_shown_as_it_is_whatever_stands_beside_it(one, other):
    assert render(f"[red]{shown(one)}[/red] {shown(other)}").plain == f"{one} {other}"
    assert render(f"{shown(one)}{shown(other)}").plain == f"{one}{other}"
    assert render(f"[b]{shown(one)}[/b]").plain == one


def test_said_text_stays_one_line(capsys):
    say(EVIL)
    assert capsys.readouterr().err == f"{SAID}\n"


@pytest.mark.parametrize("sign", ["\x9b", "\u202e", "\x7f", "\u2028", "\udcff", "\U000e0001"])
def test_json_carries_every_sign_and_shows_none_that_steers(sign, capsys):
    emit({"said": f"Grüße {sign}"})
    printed = capsys.readouterr().out
    assert printed.removesuffix("\n").isprintable()
    assert "Grüße" in printed
    assert json.loads(printed) == {"said": f"Grüße {sign}"}


def test_a_table_shows_cells_as_they_are(capsys):
    rows(("what",), [(EVIL,), ("10:on:5",)], "")
    assert capsys.readouterr().out.splitlines() == ["what", SAID, "10:on:5"]


def test_a_picture_is_never_made_of_words(capsys):
    for console in (out, err):
        console.print("10:on:5")
    assert capsys.readouterr() == ("10:on:5\n", "10:on:5\n")


def test_what_a_ticket_says_is_shown_as_it_is_written(past_run, msp_ops):
    run = past_run(trigger=OnDemand(ticket=TYPED, reason=TYPED))
    for words in (("list",), ("show", run.id)):
        done = msp_ops("runs", *words)
        assert done.returncode == 0, done.stderr
        assert r"[/x][red]:on: \u202e" in done.stdout


def test_a_terminal_shows_no_more_than_a_pipe(past_run, msp_ops):
    past_run(trigger=OnDemand(ticket="[/x]:on:\x1b[2J\u202e", reason=""))
    done = msp_ops("runs", "list", environment={"FORCE_COLOR": "1"})
    assert done.returncode == 0, done.stderr
    assert r"[/x]:on:\x1b[2J\u202e" in done.stdout


def test_a_ticket_of_an_older_store_cannot_steer_either(past_run, msp_ops):
    past_run(trigger=OnDemand(ticket=EVIL.removesuffix("\udcff"), reason=""))
    for command in (("runs", "list"), ("work", "list", "acme")):
        done = msp_ops(*command)
        assert done.returncode == 0, done.stderr
        assert SAID.removesuffix(r"\udcff") in done.stdout


def test_a_finding_cannot_forge_a_line(past_run, msp_ops):
    evil = EVIL.removesuffix("\udcff")
    found = Reading(findings=(Finding(check="disk", subject=evil, severity="critical", message=evil),))
    run = past_run(reading=found)
    for command in (("runs", "show", run.id), ("findings", "list")):
        done = msp_ops(*command)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(SAID.removesuffix(r"\udcff")) == 2
        assert not any(line.startswith("acme/web1: ok") for line in done.stdout.splitlines())


def test_evidence_cannot_forge_a_line_nor_make_a_picture(past_run, msp_ops):
    said = "one :on: \x1b[2J\u2028acme/web1: ok\n".encode()
    host = FakeHost(changed=lambda _script: Answer(exit_code=0, output=said))
    run = past_run(runbook(), host)
    done = msp_ops("runs", "show", run.id, "--output")
    assert r":on: \x1b[2J" in done.stdout
    assert not any(line.startswith("acme/web1: ok") for line in done.stdout.splitlines())


def test_a_run_in_progress_tells_findings_on_one_line(past_run, capsys):
    found = Reading(findings=(Finding(check="disk", subject=EVIL, severity="critical", message="full"),))
    run = past_run(reading=Reading())
    result = run.hosts[0].result
    result = replace(result, steps=(replace(result.steps[0], findings=found.findings),))
    list(as_lines([Said(host_id="a", step="s", line=EVIL), HostEnded(result=result)], "acme"))
    captured = capsys.readouterr()
    assert f"critical: {SAID}: full\n" in captured.out
    assert f"a | {SAID}\n" in captured.err
    list(as_lines([NotRecorded(result=result, why=EVIL)], "acme"))
    assert capsys.readouterr().err == f"acme/a: succeeded, and that could not be saved: {SAID}\n"


@pytest.mark.parametrize("word", BAD_WORDS)
@pytest.mark.parametrize("option", ["--ticket", "--reason"])
def test_a_ticket_or_reason_that_steers_is_refused_before_anything(option, word, msp_ops):
    done = msp_ops(*FIX, option, word)
    assert (done.returncode, done.stdout) == (2, "")
    assert "control character" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "resolve", "x", "web1", "--as", "done", "--because", "a\x1b[31m"),
        ("schedules", "skip", "acme", "patch-nights", "--why", "a\nb"),
        ("schedules", "pause", "acme", "patch-nights", "--why", "a\nb"),
    ],
)
def test_every_reason_that_others_read_is_refused_the_same(words, msp_ops):
    done = msp_ops(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "control character" in done.stderr


@pytest.mark.parametrize(
    "words",
    [("runs", "list", b"\xff"), (b"\xff",), (*FIX, "-t", b"T-\xff"), ("-w", b"/tmp/\xff", "validate")],
)
def test_an_argument_that_is_no_text_is_one_clear_sentence(words, msp_ops):
    done = msp_ops(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "UTF-8" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_json_on_standard_output_is_alone_there(abandoned_run, msp_ops):
    done = msp_ops("runs", "list", "--json")
    assert [run["id"] for run in json.loads(done.stdout)] == [abandoned_run]
    assert done.stderr.startswith(f"Unknown: nobody knows yet how run {abandoned_run} ")
