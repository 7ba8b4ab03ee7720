"""Two looks of one check at two places: what is found at one says nothing of the other."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.checks.base import Check
from msp_ops.domain.finding import Finding, Reading
from msp_ops.domain.parameters import Text
from msp_ops.domain.step import CheckStep, ScriptStep
from msp_ops.engine.events import HostEnded
from msp_ops.engine.host import run_on_host
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import audit, job, tools

FOLDER = Text(kind="text", title="Folder", looks_at=True)
AGE = Text(kind="text", title="How old", default="1d")
SCRIPT = ScriptStep(kind="script", name="is it fresh", file="fresh.sh", changes=False)
CHECK = CheckStep(kind="check", name="backup", check="backup", timeout=timedelta(minutes=1))
STALE = b"msp: finding critical sales it is too old\n"


def look(command):
    stale = Finding(check="backup", subject="sales", severity="critical", message="it is too old")
    return Check(name="backup", title="Backup", command=command, read=lambda _: Reading(findings=(stale,)))


def looked(step, command="", **parameters):
    """The one step's result: the names of its checks, and of what it found."""
    book = audit(parameters={"max-age": AGE, "folder": FOLDER}, scripts={"fresh.sh": "true\n"})
    book = replace(book, steps=(step,))
    given = {name.replace("_", "-"): value for name, value in parameters.items()}

    def says(script):
        marked = re.search(r"printf '\\n(\w+) 0 ", script)
        return Answer(exit_code=0, output=f"\n{marked[1]} 0 0\n".encode() if marked else STALE)

    table = {**tools({}).checks, "backup": look(command)}
    events = list(run_on_host(job(book, parameters=given), replace(tools({"a": FakeHost(looked=says)}), checks=table)))
    assert isinstance(events[-1], HostEnded)
    (result,) = events[-1].result.steps
    return result.checks, {each.check for each in result.findings}


def test_a_script_that_looks_is_a_check_of_the_place_it_looks_at():
    assert looked(SCRIPT, folder="/a\nb", max_age="1d") == (
        ("audit/fresh [folder=/a b]",),
        {"audit/fresh [folder=/a b]"},
    )


def test_what_is_too_much_is_no_place_so_that_a_changed_limit_finds_the_same():
    assert looked(SCRIPT, folder="/a", max_age="1d") == looked(SCRIPT, folder="/a", max_age="9d")


def test_a_place_that_was_left_empty_chooses_nothing():
    assert looked(SCRIPT, folder="", max_age="1d") == (("audit/fresh",), {"audit/fresh"})


@pytest.mark.parametrize("command", ['ls "$folder"', "ls ${folder%/}"])
def test_a_check_that_reads_the_place_is_a_check_of_it(command):
    assert looked(CHECK, command, folder="/a") == (("backup [folder=/a]",), {"backup [folder=/a]"})


@pytest.mark.parametrize("command", ["df", 'ls "$folders"'])
def test_a_check_that_reads_no_place_is_the_same_look_in_every_runbook(command):
    assert looked(CHECK, command, folder="/a") == (("backup",), {"backup"})
