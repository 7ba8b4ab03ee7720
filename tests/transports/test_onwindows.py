"""The PowerShell that we ship: it parses, it is 5.1, and what was given is data in it. Nothing here ran on Windows."""

import base64
import hashlib
import re

import pytest

from msp_ops.lab.winrm.played import read_question
from msp_ops.transports.winrm.onwindows import COMMAND, LAUNCHER, SUPERVISOR, VERBS, payload, program, read_program
from tests.powershell import nodes, tree, words

PARTS = ("launcher", "prelude", "child", "folder", "standing", "supervisor", *VERBS)
WHOLE = {**{verb: program(verb) for verb in VERBS}, "launcher": read_program("launcher"), "supervisor": SUPERVISOR}
LOOKS = ("ask", "collect", "follow")
# what changes more than a parcel's own folder and task
FAR_REACHING = re.compile(r"^(Set|Restart|Install|Uninstall|Enable|Disable|Rename|Clear|Invoke)-", re.IGNORECASE)


@pytest.mark.parametrize("name", WHOLE)
def test_every_program_parses_whole(name):
    assert not tree(WHOLE[name]).has_error


@pytest.mark.parametrize("name", PARTS)
def test_every_part_parses_alone(name):
    assert not tree(read_program(name)).has_error


def test_a_program_that_lost_a_bracket_does_not_parse():
    assert tree(program("ask").replace("}", "", 1)).has_error


@pytest.mark.parametrize("name", PARTS)
def test_nothing_is_newer_than_5_1(name):
    text = read_program(name)
    newer = re.findall(r"\?\?|\?\.|&&|\|\||-Parallel\b|\bTernary\b|-AsHashtable\b|-AsArray\b", text)
    assert newer == []


@pytest.mark.parametrize("name", PARTS)
def test_every_try_catches(name):
    for each in nodes(tree(read_program(name)), "try_statement"):
        assert nodes(each, "catch_clause") or nodes(each, "finally_clause")


@pytest.mark.parametrize("name", PARTS)
def test_no_program_calls_what_reaches_far(name):
    assert [word for word in words(tree(read_program(name))) if FAR_REACHING.match(word)] == []


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_calls_nothing_that_changes(name):
    called = words(tree(read_program(name)))
    assert [word for word in called if re.match(r"(Remove|Move|Register|Start-Scheduled|Stop|New-Mark)", word)] == []


def test_every_function_that_is_called_is_there():
    known = {
        *(
            "ConvertFrom-Json",
            "ConvertTo-Json",
            "New-Object",
            "Join-Path",
            "Get-Process",
            "Get-CimInstance",
            "Get-Date",
        ),
        *("Where-Object", "Select-Object", "ForEach-Object", "Stop-Process", "Remove-Item", "Move-Item", "Start-Sleep"),
        *("New-ScheduledTaskAction", "New-ScheduledTaskPrincipal", "New-ScheduledTaskSettingsSet"),
        *("Register-ScheduledTask", "Start-ScheduledTask", "Unregister-ScheduledTask"),
    }
    for text in WHOLE.values():
        root = tree(text)
        own = {each.text.decode().split("(")[0] for each in nodes(root, "function_name")}
        assert {word for word in words(root) if re.match(r"[A-Z][a-z]+-", word)} <= own | known


def test_the_command_line_is_fixed_and_fits_cmd():
    assert len(COMMAND) < 2000
    assert base64.b64decode(LAUNCHER).decode("utf-16-le") == read_program("launcher")


QUOTES = "'\"`$(x)\u2018\u2019\u201a\u201b\u201c\u201d\u201e\n#>@' é"


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_given_is_data_and_comes_back_as_it_was(verb):
    whole = payload(verb, {"nonce": "n", "id": QUOTES}, QUOTES.encode())
    assert whole[:64].decode() == hashlib.sha256(whole[64:]).hexdigest()
    question = read_question(whole)
    assert (question.verb, question.asked["id"], question.script.decode()) == (verb, QUOTES, QUOTES)
    assert not tree(whole[64:].decode()).has_error
    assert QUOTES.encode() not in whole
