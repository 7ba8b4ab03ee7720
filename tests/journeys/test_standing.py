"""The proof on a real host: noted from the store's word only, and gone with the next change of a script."""

from dataclasses import replace

import pytest

from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.msp import Msp
from msp_ops.domain.outcome import Outcome
from msp_ops.engine.stopping import Stopping
from msp_ops.files.runbook_file import load_runbook
from msp_ops.files.workspace import Workspace
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.journeys.standing import prove_by_run, proved, proved_beneath
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import disk_answer
from tests.files.cast import write, write_runbook
from tests.journeys.cast import asked, parts_with

FIX = """\
title: Fix
activity: break/fix
impact: changes
steps: [{script: fix.sh}]
verify: [{check: disk}]
client_sentence: Fixed.
"""


@pytest.fixture
def folder(tmp_path):
    return write_runbook(tmp_path / "runbooks" / "mend", FIX)


def workspace(folder):
    return Workspace(
        root=folder.parents[1],
        msp=Msp(name="N", contact="a@b.example"),
        clients={},
        library={"mend": load_runbook(folder)},
        mistakes={},
    )


@pytest.fixture
def run(folder, store, clock):
    """A run of it that ended well and changed something."""

    def carry_out(said="msp: changed it mended\n", code=0):
        host = FakeHost(looked=disk_answer("40%"), changed=lambda _script: Answer(exit_code=code, output=said.encode()))
        whole = asked(clock, load_runbook(folder))
        parts = parts_with(store, clock, {"a": host}, books=(whole.runbook,))
        return store.runs.read(to_the_end(run_runbook(parts, replace(whole, hosts=whole.hosts[:1]), Stopping())).id)

    return carry_out


def is_proven(folder):
    missing = proved(workspace(folder), load_runbook(folder)).standing.missing
    return not any("real host" in each for each in missing)


def gold_but_for_the_host(folder):
    write(folder / "runbook.yaml", FIX + "no_undo: it is better so\n")
    for name, proves, more, outcome in (
        ("a", "success", "", "succeeded"),
        ("b", "already-fine", "", "succeeded"),
        ("c", "failing-step", "", "failed"),
        ("d", "unreachable", "host: {connects: no}", "not reached"),
        ("e", "cut-half-way", "host: {cut_at: commit}", "unknown"),
    ):
        text = f"title: T\nproves: {proves}\n{more}\nexpect: {{outcome: {outcome}}}\n"
        write(folder / "rehearsals" / f"{name}.yaml", text)


def test_a_run_that_did_its_work_makes_the_best_grade(folder, run):
    gold_but_for_the_host(folder)
    assert not is_proven(folder)
    assert proved(workspace(folder), load_runbook(folder)).standing.grade == "silver"
    path = prove_by_run(workspace(folder), run())
    assert "acme/a" in path.read_text()
    assert proved(workspace(folder), load_runbook(folder)).standing.grade == "gold"


def test_a_changed_script_is_to_be_proved_anew_a_changed_rehearsal_is_not(folder, run):
    gold_but_for_the_host(folder)
    prove_by_run(workspace(folder), run())
    write(folder / "rehearsals" / "a.yaml", (folder / "rehearsals" / "a.yaml").read_text() + "\n")
    assert is_proven(folder)
    write(folder / "fix.sh", "#!/bin/sh\ntrue\n")
    assert not is_proven(folder)


@pytest.mark.parametrize(
    ("said", "code", "why"),
    [("", 0, "nothing was to do"), ("oh\n", 1, "it is failed"), ("msp: why later\n", 75, "it is blocked")],
)
def test_a_run_that_did_not_do_its_work_proves_nothing(folder, run, said, code, why):
    with pytest.raises(NotPermitted, match=why):
        prove_by_run(workspace(folder), run(said, code))
    assert not (folder / "proven.yaml").exists()


def test_a_run_of_an_older_version_proves_nothing(folder, run):
    done = run()
    assert done.outcome is Outcome.SUCCEEDED
    write(folder / "fix.sh", "#!/bin/sh\ntrue\n")
    with pytest.raises(NotPermitted, match="was changed since; run it again"):
        prove_by_run(workspace(folder), done)


def test_a_spoilt_proof_counts_for_nothing_and_is_told(folder):
    write(folder / "proven.yaml", "acts: x\n")
    found = proved(workspace(folder), load_runbook(folder))
    assert found.standing.grade == "none"
    assert "run and hosts and day are missing" in str(found.rehearsals.mistakes[0])


def test_folders_are_taken_as_runbooks_or_as_libraries(folder):
    assert set(proved_beneath([folder], frozenset({"disk"}))[0]) == {"mend"}
    assert set(proved_beneath([folder.parent], frozenset({"disk"}))[0]) == {"mend"}
    write(folder.parent / "broken" / "runbook.yaml", "title: x\n")
    found, mistakes = proved_beneath([folder.parent], frozenset({"disk"}))
    assert (set(found), len(mistakes)) == ({"mend"}, 1)
