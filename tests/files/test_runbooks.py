"""A runbook's folder: what may be left out, what is refused, what its digest covers."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.domain.step import REBOOTS, CheckStep, RebootStep, ScriptStep
from msp_ops.files.runbook_file import load_runbook
from msp_ops.files.runbook_parts import LARGEST
from msp_ops.files.shelf import load_library
from tests.files.cast import LOOK, PATCH, RESTART, SCRIPT, spoil, write, write_runbook
from tests.files.test_clients import shown

CHECKS = frozenset({"disk", "clock"})


def test_a_sound_folder_means_what_it_says(tmp_path: Path) -> None:
    runbook = load_runbook(write_runbook(tmp_path / "patch"), CHECKS)
    assert runbook.id == "patch"
    assert runbook.client_sentence == "Installed the latest updates and checked the services."
    assert runbook.steps == (
        CheckStep(kind="check", name="disk", check="disk"),
        ScriptStep(kind="script", name="repair", file="fix.sh", run_as="login", timeout=timedelta(hours=1)),
    )
    assert runbook.preview == ScriptStep(kind="script", name="preview", file="preview.sh", changes=False)
    assert runbook.verify[1] == ScriptStep(kind="script", name="verify", file="verify.sh", changes=False)
    assert runbook.scripts == {"fix.sh": SCRIPT, "verify.sh": SCRIPT, "preview.sh": SCRIPT}
    assert list(runbook.parameters) == ["exclude", "how", "free", "force", "lasting"]


def test_a_script_of_a_read_only_runbook_changes_nothing_unless_it_says_so(tmp_path: Path) -> None:
    step = load_runbook(write_runbook(tmp_path / "look", LOOK)).steps[0]
    assert isinstance(step, ScriptStep)
    assert not step.changes


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("title: Patch", "titel: Patch", "titel", "did you mean 'title'?"),
        ("title: Patch", "title: Patch\nid: patch", "id", "the name of its folder"),
        ("title: Patch", "title: Patch\ndigest: x", "digest", "worked out from the files"),
        ("activity: patching", "activity: patch", "patch", "did you mean 'patching'?"),
        ("impact: changes", "impact: change", "change", "did you mean 'changes'?"),
        ("{script: verify.sh}", "{reboot: always}", "{reboot", "exactly one of the keys check, script, module is"),
        ("verify:\n  - {check: disk}\n  - {script: verify.sh}\n", "", "changes", "needs verify"),
        ("verify:\n  - {check: disk}\n  - {script: verify.sh}\n", "verify: []\n", "changes", "needs verify"),
        ("name: repair", "name: repair, changes: no", "changes", "no step changes anything"),
        ("verify.sh}", "verify.sh, changes: yes}", "yes", "verify only looks"),
        ("preview.sh}", "preview.sh, changes: yes}", "yes", "preview only looks"),
        ("{script: fix.sh", "{script: fx.sh", "fx.sh", "there is no file 'fx.sh'"),
        ("{script: fix.sh", "{script: ../fix.sh", "../fix.sh", "outside of the runbook's folder"),
        ("{script: fix.sh", "{script: x/../fix.sh", "x/../fix.sh", "outside of the runbook's folder"),
        ("{script: fix.sh", "{script: " + "x" * 5000, "xxx", "the file cannot be found: File name too long"),
        ("{script: fix.sh", "{script: /bin/true", "/bin/true", "outside of the runbook's folder"),
        ("{script: fix.sh", "{scrpt: fix.sh", "{scrpt", "exactly one of the keys check, script, "),
        ("{script: fix.sh", "{check: disk, script: fix.sh", "{check", "exactly one of the keys check, script, "),
        ("{script: fix.sh", "{kind: script, script: fix.sh", "kind", "write the script's file: script: fix.sh"),
        ("{script: fix.sh", "{script: fix.sh, file: x", "file", "unknown key 'file'; keys here: name, script, changes"),
        ("- {check: disk}\n  - {script: fix", "- disk\n  - {script: fix", "disk", "right is a mapping"),
        ("name: repair", "name: disk", "disk", "the step name 'disk' is taken in line 12"),
        ("run_as: login", "run_as: ops", "ops", "right is root, login"),
        ("timeout: 1h", "timeout: 0s", "0s", "no time at all"),
        ("steps:\n  - {check: disk}", "steps:\n  - {check: disc}", "disc", "did you mean 'disk'?"),
        ("exclude:", "Exclude:", "Exclude", "the name of a parameter: 'Exclude' is not an id"),
        ("exclude:", "ticket:", "ticket", "is an option of msp-ops itself"),
        ("exclude:", "at-once:", "at-once", "is an option of msp-ops itself"),
        ('"[a-z-]+"', '"[a-z"', '"[a-z"', "is not a regular expression"),
        ('default: ""', "default: ABC", "ABC", "the default does not fit its own parameter"),
        ("default: all", "default: none", "none", "right is one of all, some"),
        ("options: [all, some]", "options: [all, all]", "[all, all]", "stands here twice"),
        ("options: [all, some]", "options: [all]", "[all]", "two options or more"),
        ("default: 15", "default: 91", "91", "a whole number from 1 to 90"),
        ("minimum: 1", "minimum: 100", "100", "minimum is above maximum 90"),
        ("kind: bool", "kind: boolean", "boolean", "did you mean 'bool'?"),
        ("default: 10m", "default: 10", "10", "is not a length of time"),
        ("fails_on: critical", "fails_on: crit", "crit", "did you mean 'critical'?"),
    ],
)
def test_a_wrong_word_is_shown_where_it_stands(tmp_path: Path, old: str, new: str, at: str, says: str) -> None:
    assert_shown(write_runbook(tmp_path / "patch", spoil(PATCH, old, new)), at, says)


def assert_shown(folder: Path, at: str, says: str) -> None:
    text = (folder / "runbook.yaml").read_text()
    with pytest.raises(FileError) as caught:
        load_runbook(folder, CHECKS)
    places = [shown(text, line) for line in str(caught.value).splitlines() if line.startswith("/") and says in line]
    assert any(place.startswith(at) for place in places), str(caught.value)


REBOOT = RebootStep(kind="reboot", name="restart", when="reboot", timeout=timedelta(minutes=15))


def test_a_reboot_is_a_step_whose_time_a_parameter_decides(tmp_path: Path) -> None:
    runbook = load_runbook(write_runbook(tmp_path / "restart", RESTART))
    assert runbook.steps[1] == REBOOT
    assert [REBOOT.chosen({"reboot": word}) for word in REBOOTS] == ["never", "if-needed", "always"]
    assert [runbook.impact_with({"reboot": word}) for word in REBOOTS] == ["changes", "reboots", "reboots"]


def test_a_reboot_may_be_fixed_in_the_runbook_and_leave_out_its_name(tmp_path: Path) -> None:
    text = spoil(RESTART, "{reboot: reboot, name: restart, timeout: 15m}", "{reboot: always, services: no}")
    runbook = load_runbook(write_runbook(tmp_path / "restart", text))
    assert runbook.steps[1] == RebootStep(kind="reboot", name="reboot", when="always", services=False)
    assert runbook.impact_with({}) == "reboots"


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("{reboot: reboot", "{reboot: sometimes", "sometimes", "neither never, if-needed, always nor a parameter"),
        ("{reboot: reboot", "{reboot: rebot", "rebot", "did you mean 'reboot'?"),
        ("{reboot: reboot", "{reboot: how", "how", "must be a choice with options: [never, if-needed, always]"),
        (
            "kind: choice, title: Restart, options: [never, if-needed, always]",
            "kind: text, title: x",
            "reboot",
            "cannot",
        ),
        ("{reboot: reboot", "{kind: reboot, reboot: reboot", "kind", "write when it reboots: reboot: if-needed"),
        ("timeout: 15m", "timeout: 0m", "0m", "no time at all"),
        ("timeout: 15m", "services: maybe", "maybe", "neither yes nor no"),
        ("impact: reboots", "impact: changes", "changes", "the step 'restart' reboots; right is reboots"),
        ("impact: reboots", "impact: read-only", "read-only", "the step 'restart' reboots; right is reboots"),
        ("verify:\n  - {check: disk}\n", "", "reboots", "impact reboots needs verify"),
    ],
)
def test_a_reboot_that_cannot_be_meant_is_shown_where_it_stands(
    tmp_path: Path, old: str, new: str, at: str, says: str
) -> None:
    assert_shown(write_runbook(tmp_path / "restart", spoil(RESTART, old, new)), at, says)


def test_a_read_only_runbook_with_a_changing_step_is_refused(tmp_path: Path) -> None:
    folder = write_runbook(tmp_path / "look", spoil(LOOK, "look.sh", "look.sh, changes: yes"))
    with pytest.raises(FileError, match="impact is read-only; right is changes: no"):
        load_runbook(folder)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"exit 0\n", "begins with 'exit 0'"),
        (b"#!/bin/bash\n", "begins with #!/bin/sh"),
        (b"#!/bin/sh\r\nexit 0\r\n", "line ends of Windows"),
        (b"#!/bin/sh\n\xff\n", "0xff is not UTF-8"),
        (b"#!/bin/sh\n\0\n", "NUL"),
    ],
)
def test_a_script_that_is_no_plain_sh_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    folder = write_runbook(tmp_path / "patch")
    (folder / "fix.sh").write_bytes(content)
    with pytest.raises(FileError) as caught:
        load_runbook(folder)
    assert says in str(caught.value)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = write_runbook(tmp_path / "patch")
    (folder / "fix.sh").unlink()
    (folder / "fix.sh").symlink_to(write(tmp_path / "elsewhere.sh", SCRIPT))
    with pytest.raises(FileError, match="no links"):
        load_runbook(folder)


def test_the_digest_covers_every_byte_and_name(tmp_path: Path) -> None:
    folder = write_runbook(tmp_path / "patch")
    digests = [load_runbook(folder).digest, load_runbook(folder).digest]
    (folder / "fix.sh").write_text(SCRIPT + "#\n")
    digests.append(load_runbook(folder).digest)
    write(folder / "rehearsals" / "a.yaml", "x")
    digests.append(load_runbook(folder).digest)
    (folder / "rehearsals" / "a.yaml").rename(folder / "rehearsals" / "b.yaml")
    digests.append(load_runbook(folder).digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_a_file_that_is_no_part_of_a_runbook_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    folder = write_runbook(tmp_path / "patch")
    write(folder / "image.iso", "")
    os.truncate(folder / "image.iso", LARGEST)
    load_runbook(folder)
    os.truncate(folder / "image.iso", LARGEST + 1)
    with pytest.raises(FileError, match=r"image\.iso is larger than 16 MiB; a runbook's folder holds"):
        load_runbook(folder)


def test_that_it_was_proved_is_no_change_of_a_runbook_so_that_the_run_can_still_be_undone(tmp_path: Path) -> None:
    folder = write_runbook(tmp_path / "patch")
    before = load_runbook(folder).digest
    write(folder / "proven.yaml", "run: 20261123-aaaaa\n")
    assert load_runbook(folder).digest == before
    write(folder / "scripts/proven.yaml", "a file of its own\n")
    assert load_runbook(folder).digest != before


def test_the_digest_does_not_depend_on_where_the_folder_lies(tmp_path: Path) -> None:
    first, second = write_runbook(tmp_path / "a" / "patch"), write_runbook(tmp_path / "b" / "patch")
    assert load_runbook(first).digest == load_runbook(second).digest


def test_a_later_folder_of_the_library_wins(tmp_path: Path) -> None:
    write_runbook(tmp_path / "ours" / "patch")
    write_runbook(tmp_path / "ours" / "look", LOOK)
    write_runbook(tmp_path / "theirs" / "patch", spoil(PATCH, "title: Patch", "title: Patch our way"))
    write(tmp_path / "theirs" / "README.md", "words")
    library = load_library(tmp_path / "ours", tmp_path / "theirs", tmp_path / "none", known_checks=CHECKS)
    assert {name: runbook.title for name, runbook in library.items()} == {"look": "Look", "patch": "Patch our way"}


def test_the_mistakes_of_all_runbooks_are_told_together(tmp_path: Path) -> None:
    write_runbook(tmp_path / "one", "title: x\n")
    (tmp_path / "two").mkdir()
    write_runbook(tmp_path / "Three")
    with pytest.raises(FileError) as caught:
        load_library(tmp_path)
    for said in ("activity and impact and", "runbook.yaml cannot be read", "the folder's name is the runbook's id"):
        assert said in str(caught.value)
