"""Secrets and files as parameters in the files: where they cannot be meant it is said, and no secret is shown."""

from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.domain.parameters import GivenFile, Secret
from msp_ops.files.client_file import load_client
from msp_ops.files.rehearsal_file import load_rehearsal
from msp_ops.files.runbook_file import load_runbook
from tests.files.cast import CLIENT, spoil, write, write_runbook

LOOK = """\
title: Look
activity: health
impact: read-only
parameters:
  db: {kind: secret, title: Password of the database}
  config: {kind: file, title: What it should be}
steps:
  - {script: look.sh}
client_sentence: Looked.
"""
FIX = """\
title: Fix
activity: break/fix
impact: changes
parameters:
  db: {kind: secret, title: Password of the database}
steps:
  - {script: fix.sh}
verify:
  - {script: look.sh}
client_sentence: Fixed.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "look-db"


def refusal(folder: Path, text: str) -> str:
    write(folder / "site.yml", "[]\n")
    with pytest.raises(FileError) as caught:
        load_runbook(write_runbook(folder, text, ["look.sh", "fix.sh"]))
    return str(caught.value)


def test_both_are_read(folder: Path) -> None:
    book = load_runbook(write_runbook(folder, LOOK, ["look.sh"]))
    assert [type(each) for each in book.parameters.values()] == [Secret, GivenFile]


@pytest.mark.parametrize("step", ["playbook: site.yml", "module: ansible.builtin.debug"])
def test_neither_goes_to_ansible(folder: Path, step: str) -> None:
    told = refusal(folder, spoil(FIX, "steps:\n", f"steps:\n  - {{{step}}}\n"))
    assert "'db' is a secret, which scripts can be given and Ansible cannot; make two runbooks of this one" in told


@pytest.mark.parametrize("name", ["db", "config"])
def test_no_step_depends_on_what_no_plan_has(folder: Path, name: str) -> None:
    told = refusal(folder, spoil(LOOK, "look.sh}", f"look.sh, when: {{parameter: {{{name}: hunter22}}}}}}"))
    assert f"nothing can depend on '{name}'" in told
    assert "hunter22" not in told


def test_neither_has_a_default(folder: Path) -> None:
    told = refusal(folder, spoil(LOOK, "title: What it should be", "title: x, default: site.conf"))
    assert "unknown key 'default'; keys here: kind, title" in told


REHEARSAL = "title: It works\nproves: success\nsays: {look: {}}\nexpect: {outcome: succeeded}\n"


def test_a_rehearsal_needs_neither(folder: Path) -> None:
    book = load_runbook(write_runbook(folder, LOOK, ["look.sh"]))
    assert load_rehearsal(write(folder / "rehearsals" / "one.yaml", REHEARSAL), book).parameters == {}


def test_a_secret_itself_in_a_rehearsal_is_not_shown(folder: Path) -> None:
    book = load_runbook(write_runbook(folder, LOOK, ["look.sh"]))
    path = write(folder / "rehearsals" / "one.yaml", REHEARSAL + "parameters: {db: hunter22}\n")
    with pytest.raises(FileError) as caught:
        load_rehearsal(path, book)
    assert "db: what was given is no reference to a secret" in str(caught.value)
    assert "parameters: {db: ***}" in str(caught.value)


SCHEDULE = "{id: look, runbook: look, rrule: FREQ=DAILY, start: 06:30, latest_start: 90m, parameters: {max-age: 26h}}"


@pytest.mark.parametrize(
    ("parameters", "sound"),
    [("{db: env:DB, config: a.conf}", True), ("{config: a.conf, db: hunter22}", False), ("{db: hunter22}", False)],
)
def test_a_schedule_gives_references_and_a_secret_itself_is_not_shown(
    tmp_path: Path, folder: Path, parameters: str, sound: bool
) -> None:
    library = {"look": load_runbook(write_runbook(folder, LOOK, ["look.sh"])), "patch": None}
    text = spoil(CLIENT, SCHEDULE, SCHEDULE.replace("{max-age: 26h}", parameters))
    path = write(tmp_path / "cobalt.yaml", text)
    if sound:
        assert load_client(path, library).schedules[1].parameters["db"] == "env:DB"
        return
    with pytest.raises(FileError) as caught:
        load_client(path, library)
    assert "db: what was given is no reference to a secret" in str(caught.value)
    assert "hunter22" not in str(caught.value)
