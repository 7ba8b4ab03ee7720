"""What runbooks share lies beside them once: it stands in front of their scripts, and is a part of each of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from msp_ops.domain.acceptance import Acceptance
from msp_ops.domain.errors import FileError
from msp_ops.files.accepted import accept, differences
from msp_ops.files.proof_file import acts_digest
from msp_ops.files.runbook_file import load_runbook
from msp_ops.files.workspace import Workspace, load_workspace
from tests.files.cast import LOOK, SCRIPT, write, write_runbook
from tests.files.test_clients import shown

WORDS = "#!/bin/sh\nsay() { echo one; }\n"
TALK = "#!/bin/sh\ntalk() { say; }\n"
USES = f"{LOOK}uses: [words, talk]\n"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    write(tmp_path / "library/_shared/words.sh", WORDS)
    write(tmp_path / "library/_shared/talk.sh", TALK)
    write_runbook(tmp_path / "library/look", USES)
    return tmp_path / "library"


def workspace(library: Path) -> Workspace:
    root = library.parent / "desk"
    write(root / "msp.yaml", "name: Northwind IT\ncontact: desk@northwind.example\n")
    return load_workspace(root, library=[library])


def accepted(library: Path) -> Workspace:
    book = workspace(library).runbook("look")
    at = datetime(2026, 11, 23, tzinfo=UTC)
    accept(library.parent / "desk", book, Acceptance(digest=book.digest, by="kim", at=at))
    return workspace(library)


def test_shared_files_stand_in_front_in_their_order_then_the_runbooks_own(library: Path) -> None:
    own = write(library / "look/functions.sh", "#!/bin/sh\n:\n").read_text()
    write(library / "look/runbook.yaml", f"{USES}functions: functions.sh\n")
    assert load_runbook(library / "look").scripts["look.sh"] == WORDS + TALK + own + SCRIPT


def test_what_lies_beside_runbooks_is_no_runbook(library: Path) -> None:
    assert set(workspace(library).library) == {"look"}


def test_a_changed_shared_file_is_a_changed_runbook_that_has_no_proof(library: Path) -> None:
    before = load_runbook(library / "look")
    write(library / "_shared/unused.sh", WORDS)
    assert load_runbook(library / "look").digest == before.digest
    write(library / "_shared/talk.sh", f"{TALK}#\n")
    after = load_runbook(library / "look")
    assert after.digest != before.digest
    assert acts_digest(library / "look", after) != acts_digest(library / "look", before)


def test_schedules_keep_what_was_shared_when_it_was_accepted(library: Path) -> None:
    before = accepted(library)
    assert before.outdated() == ()
    assert before.accepted["look"].digest == before.runbook("look").digest
    write(library / "_shared/words.sh", WORDS.replace("one", "two"))
    after = workspace(library)
    assert after.scheduled("look").scripts == before.runbook("look").scripts
    assert after.outdated() == ("look",)
    ((name, lines),) = differences(after.accepted["look"], after.runbook("look"))
    assert name == "_shared/words.sh"
    assert lines[:2] == ["--- accepted/look/_shared/words.sh", "+++ look/_shared/words.sh"]
    assert [line for line in lines[2:] if line[:1] in "+-"] == ["-say() { echo one; }", "+say() { echo two; }"]


def test_an_accepted_version_whose_shared_file_was_changed_is_none(library: Path) -> None:
    accepted(library)
    write(library.parent / "desk/accepted/look/_shared/words.sh", WORDS + "#\n")
    assert "was changed after kim accepted it" in str(list(workspace(library).mistakes.values()))


@pytest.mark.parametrize(
    ("uses", "at", "says"),
    [
        ("[words, word]", "word]", "there is no file 'word.sh' in {shared}; there are: talk.sh, words.sh"),
        ("[words, ../words]", "../words]", "'../words' is not an id"),
        ("[words, talk, words]", "words]", "the shared file 'words' is taken"),
        ("[bash]", "bash]", "begins with '#!/bin/bash'; a script is POSIX sh"),
        ("words", "words", "a list, each item"),
    ],
)
def test_what_cannot_be_shared_is_shown_where_it_is_named(library: Path, uses: str, at: str, says: str) -> None:
    text = f"{LOOK}uses: {uses}\n"
    write(library / "look/runbook.yaml", text)
    if "bash" in uses:
        write(library / "_shared/bash.sh", "#!/bin/bash\n")
    with pytest.raises(FileError) as caught:
        load_runbook(library / "look")
    said = says.format(shared=library / "_shared")
    lines = [line for line in str(caught.value).splitlines() if said in line]
    assert any(shown(text, line).startswith(at) for line in lines), str(caught.value)


def test_a_link_is_no_shared_file(library: Path) -> None:
    (library / "_shared/talk.sh").unlink()
    (library / "_shared/talk.sh").symlink_to(write(library / "_shared/said.sh", TALK))
    with pytest.raises(FileError, match="no links"):
        load_runbook(library / "look")
