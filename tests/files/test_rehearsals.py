"""Rehearsals beside their runbook: every mistake at its place, with what would be right."""

import json
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.rehearsal import RESTART_QUESTION, Ending, Moment, Rehearsal
from msp_ops.engine.restart import PENDING
from msp_ops.files.new_runbook import create_runbook
from msp_ops.files.rehearsal_file import load_rehearsal, load_rehearsals
from msp_ops.files.runbook_file import load_runbook
from msp_ops.files.schemas import schema_text
from msp_ops.transports import fake
from tests.files.cast import RESTART, heads, spoil, write, write_runbook
from tests.files.test_anything import ANY_PLAIN, CHANGES, changed, keys, patient
from tests.files.test_samples import as_editor

REHEARSAL = """\
title: It is repaired
proves: success
parameters: {free: 20, exclude: abc, force: yes, lasting: 5m}
at: 2026-11-23T01:09:24+01:00
host: {platform: [debian], comes_back: yes, cut_at: after commit}
says:
  repair:
    exit: 0
    output: |
      msp: changed it repaired
  disk: [{output: "a\\tb"}, {exit: 3}]
  verify: {}
expect:
  outcome: succeeded
  changed: [it repaired]
  findings: []
  reason: done
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_runbook(tmp_path / "patch")


def load(folder: Path, text: str = REHEARSAL) -> Rehearsal:
    return load_rehearsal(write(folder / "rehearsals" / "one.yaml", text), load_runbook(folder))


def test_a_rehearsal_is_read(folder: Path) -> None:
    found = load(folder)
    assert (found.name, found.title, found.at.isoformat()) == ("one", "It is repaired", "2026-11-23T00:09:24+00:00")
    assert found.says["repair"][0].output == "msp: changed it repaired\n"
    assert [(each.exit, each.output) for each in found.says["disk"]] == [(0, "a\tb"), (3, "")]
    assert found.says["verify"][0].exit == 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("proves: success", "proves: sucess", "2:9: proves: 'sucess' is not possible; "),
        ("  repair:", "  repiar:", "7:3: patch has no step 'repiar'; "),
        ("disk: [{", "disk: [{exti: 1}, {", "11:11: unknown key 'exti'; keys here: exit, output; did you mean 'exit'?"),
        ("disk: [{", "disk: [{exit: 256}, {", "11:17: exit: 256 is out of bounds; right is 0 to 255"),
        ("verify: {}", "verify: []", "12:11: no answer stands here; "),
        ("verify: {}", "verify: well", "12:11: verify: 'well' stands here; "),
        ("{free: 20", "{fre: 20", "3:14: patch has no parameter 'fre'; "),
        ("{free: 20", "{free: 99", "3:20: free: '99' does not fit; "),
        (
            "2026-11-23T01:09:24+01:00",
            "2026-11-23T01:09:24",
            "4:5: at: '2026-11-23T01:09:24' does not say in which zone",
        ),
        ("2026-11-23T01:09:24+01:00", "noon", "4:5: at: 'noon' is not a moment; "),
        ("[debian]", "[debain]", "5:19: no host is 'debain'; did you mean 'debian'?"),
        ("cut_at: after commit", "cut_at: after comit", "5:53: cut_at: 'after comit' is not possible; "),
        (", cut_at: after commit", "", "5:40: the link comes back from nothing: "),
        ("host: {", "host: {connects: no, ", "5:7: a rehearsal that proves success has connects: yes"),
        ("proves: success", "proves: unreachable", "5:7: a rehearsal that proves unreachable has connects: no"),
        ("outcome: succeeded", "outcome: failed", "14:12: a rehearsal that proves success cannot end failed; "),
        ("changed: [it repaired]", "changed: []", "15:12: a success changes something; "),
        ("proves: success", "proves: already-fine", "15:12: where all is well already nothing may change; "),
        ("title: It is repaired", "name: x", "1:1: name does not stand in this file: "),
    ],
)
def test_a_mistake_is_told_at_its_place(folder: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(FileError) as caught:
        load(folder, spoil(REHEARSAL, old, new))
    assert any(head.startswith(f"one.yaml:{told}") for head in heads(caught.value)), caught.value


def test_a_parameter_that_must_be_given_is_missed(tmp_path: Path) -> None:
    text = "title: Look\nactivity: health\nimpact: read-only\nsteps: [{check: disk}]\nclient_sentence: Looked.\n"
    folder = write_runbook(tmp_path / "look", text + "parameters: {age: {kind: duration, title: How old}}\n")
    with pytest.raises(FileError, match=r"one\.yaml:1:1: age: a value is missing: How old"):
        load(folder, "title: It looks\nproves: success\nsays: {disk: {}}\nexpect: {outcome: succeeded}\n")


def test_a_cut_says_when(folder: Path) -> None:
    with pytest.raises(FileError, match="says when: add cut_at: after commit"):
        load(folder, "title: Cut\nproves: cut-half-way\nexpect: {outcome: unknown}\n")


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("{}", "says when: add cut_at: ask"),
        ("{cut_at: after commit}", r"one\.yaml:3:16: look only looks, .* right is cut_at: ask"),
    ],
)
def test_what_only_looks_is_cut_where_it_is_asked(tmp_path: Path, host: str, told: str) -> None:
    text = "title: Look\nactivity: health\nimpact: read-only\nsteps: [{check: disk}]\nclient_sentence: Looked.\n"
    folder = write_runbook(tmp_path / "look", text)
    with pytest.raises(FileError, match=told):
        load(folder, f"title: Cut\nproves: cut-half-way\nhost: {host}\nexpect: {{outcome: unknown}}\n")


def test_what_a_reboot_asks_first_may_be_answered(tmp_path: Path) -> None:
    folder = write_runbook(tmp_path / "patch", RESTART)
    text = f"title: T\nproves: success\nsays: {{{PENDING.name}: {{}}}}\nexpect: {{outcome: succeeded}}\n"
    assert PENDING.name == RESTART_QUESTION
    assert load(folder, text).says


def test_one_bad_file_hides_no_other(folder: Path) -> None:
    for name, text in (("good", REHEARSAL), ("bad", "title: x\n"), ("BAD", REHEARSAL), (".hidden", "x")):
        write(folder / "rehearsals" / f"{name}.yaml", text)
    found = load_rehearsals(folder, load_runbook(folder))
    assert [each.name for each in found.sound] == ["good"]
    assert len(found.mistakes) == 2


@pytest.fixture(scope="module")
def anywhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_runbook(tmp_path_factory.mktemp("anything") / "patch")


@patient
@given(changes=CHANGES)
def test_a_rehearsal_with_anything_changed_is_read_or_told(anywhere: Path, changes: list[tuple[int, int, str]]) -> None:
    with suppress(FileError):
        load(anywhere, changed(REHEARSAL, changes))


@patient
@given(name=st.sampled_from(keys(REHEARSAL)), value=ANY_PLAIN)
def test_any_value_under_a_key_of_a_rehearsal_is_read_or_told(anywhere: Path, name: str, value: object) -> None:
    with pytest.raises(FileError):
        load(anywhere, f"{name}: {json.dumps(value)}\n")


def test_an_editor_accepts_what_the_loader_accepts_and_marks_what_it_refuses() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text("rehearsal.schema.json")))
    validator.validate(as_editor(REHEARSAL.replace("2026-11-23T01:09:24+01:00", '"2026-11-23T01:09:24+01:00"')))
    for old, new in (("success", "sucess"), ("exit: 3", "exit: 256"), ("succeeded", "ok"), ("cut_at", "cutat")):
        assert not validator.is_valid(as_editor(spoil(REHEARSAL, old, new)))


def test_the_words_of_a_rehearsal_are_those_of_the_engine() -> None:
    assert set(Ending.__args__) == {outcome.word for outcome in Outcome}
    assert set(Moment.__args__) < set(fake.Moment.__args__)


@pytest.mark.parametrize("impact", ["read-only", "changes", "reboots"])
def test_a_new_runbook_is_sound_at_once_and_names_its_schemas(tmp_path: Path, impact: str) -> None:
    made = create_runbook(tmp_path, "fix-printer", title='Bring a "printer": back', activity="break/fix", impact=impact)
    runbook = load_runbook(made, frozenset())
    found = load_rehearsals(made, runbook)
    assert (runbook.title, runbook.impact) == ('Bring a "printer": back', impact)
    assert ([each.name for each in found.sound], found.mistakes) == (["success"], ())
    for path in (made / "runbook.yaml", *made.glob("rehearsals/*.yaml")):
        first = path.read_text().splitlines()[0]
        assert (path.parent / first.partition("$schema=")[2]).resolve().is_file()


def test_a_new_runbook_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "runbooks" / "mine").mkdir(parents=True)
    with pytest.raises(FileError, match="exists already and is not overwritten"):
        create_runbook(tmp_path, "mine", title="Mine", activity="health", impact="changes")
    assert [path.name for path in (tmp_path / "runbooks").iterdir()] == ["mine"]
    assert not list((tmp_path / "runbooks" / "mine").iterdir())


@pytest.mark.parametrize(("name", "title"), [("Fix It", "x"), ("../x", "x"), ("fix", "two\nlines"), ("fix", "")])
def test_a_new_runbook_has_an_id_and_a_title(tmp_path: Path, name: str, title: str) -> None:
    with pytest.raises(PlanError):
        create_runbook(tmp_path, name, title=title, activity="health", impact="changes")
    assert not (tmp_path / "runbooks").exists()
