"""What schedules use changes when a person accepted it, and not with a new version of the library."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from msp_ops.domain.acceptance import Acceptance
from msp_ops.domain.errors import FileError, PlanError
from msp_ops.files.accepted import accept, differences, read_acceptance
from msp_ops.files.workspace import Workspace, load_workspace
from tests.files.cast import spoil, write, write_runbook

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "desk/msp.yaml", "name: Northwind IT\ncontact: desk@northwind.example\n")
    write_runbook(tmp_path / "library/patch")
    return tmp_path / "desk"


def load(root: Path) -> Workspace:
    return load_workspace(root, library=[root.parent / "library"])


def accepted(root: Path) -> Workspace:
    book = load(root).runbook("patch")
    accept(root, book, Acceptance(digest=book.digest, by="kim", at=AT))
    return load(root)


def change_the_library(root: Path) -> Workspace:
    path = root.parent / "library/patch/runbook.yaml"
    write(path, spoil(path.read_text(), "timeout: 1h", "timeout: 2h"))
    return load(root)


def test_without_a_word_schedules_use_the_library(root: Path) -> None:
    files = load(root)
    assert files.scheduled("patch") == files.runbook("patch")
    with pytest.raises(PlanError, match="there is no runbook 'x'"):
        files.scheduled("x")


def test_an_accepted_version_stays_when_the_library_changes(root: Path) -> None:
    before = accepted(root)
    assert (before.outdated(), before.remarks()) == ((), ())
    after = change_the_library(root)
    assert after.scheduled("patch").digest == before.runbook("patch").digest != after.runbook("patch").digest
    assert after.outdated() == ("patch",)
    assert "msp-ops runbooks diff patch" in after.remarks()[0]
    assert read_acceptance(root, "patch") == Acceptance(digest=before.runbook("patch").digest, by="kim", at=AT)


def test_a_run_of_either_version_is_resumed_and_undone_with_its_own(root: Path) -> None:
    old = accepted(root).runbook("patch").digest
    files = change_the_library(root)
    new = files.runbook("patch").digest
    assert [files.version("patch", digest).digest for digest in (old, new, "gone")] == [old, new, new]


def test_the_differences_are_shown_line_by_line(root: Path) -> None:
    accepted(root)
    files = change_the_library(root)
    write(root.parent / "library/patch/more.sh", "#!/bin/sh\n")
    changed = dict(differences(files.accepted["patch"], files.runbook("patch")))
    assert list(changed) == ["more.sh", "runbook.yaml"]
    lines = [line for each in changed.values() for line in each]
    assert lines[:2] == ["--- accepted/patch/more.sh", "+++ patch/more.sh"]
    changed = [line for line in lines if line[:1] in "+-" and "timeout" in line]
    assert [line[0] + line.split("timeout: ")[1][:2] for line in changed] == ["-1h", "+2h"]


def test_the_next_word_is_for_the_new_version(root: Path) -> None:
    accepted(root)
    change_the_library(root)
    files = accepted(root)
    assert (files.outdated(), files.scheduled("patch").digest) == ((), files.runbook("patch").digest)


def test_an_accepted_version_that_somebody_changed_runs_on_no_schedule(root: Path) -> None:
    accepted(root)
    write(root / "accepted/patch/fix.sh", "#!/bin/sh\nrm -rf /\n")
    files = load(root)
    with pytest.raises(FileError, match="was changed after kim accepted it"):
        files.scheduled("patch")
    with pytest.raises(FileError, match="was changed after kim accepted it"):
        files.check()


@pytest.mark.parametrize("who", ["ACME\\dave", 'kim "the boss"', "zoë"])
def test_whoever_accepts_it_the_word_is_read_back(who: str, root: Path) -> None:
    book = load(root).runbook("patch")
    accept(root, book, Acceptance(digest=book.digest, by=who, at=AT))
    assert read_acceptance(root, "patch").by == who
    assert load(root).scheduled("patch").digest == book.digest


def test_no_strange_line_end_hides_a_change(root: Path) -> None:
    path = root.parent / "library/patch/fix.sh"
    write(path, "#!/bin/sh\n# never do this:\u2028rm -rf /srv\n")
    accepted(root)
    write(path, "#!/bin/sh\n# never do this:\nrm -rf /srv\n")
    files = load(root)
    (lines,) = dict(differences(files.accepted["patch"], files.runbook("patch"))).values()
    assert "+rm -rf /srv" in lines


def test_what_changed_since_it_was_shown_is_not_accepted(root: Path) -> None:
    book = load(root).runbook("patch")
    change_the_library(root)
    with pytest.raises(FileError, match="was changed just now; look at the differences again"):
        accept(root, book, Acceptance(digest=book.digest, by="kim", at=AT))
    assert load(root).accepted == {}
