"""The language of runbooks: what the page shows is sound, and what cannot be meant is shown where it stands."""

import re
from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.domain.parameters import Text
from msp_ops.domain.step import Circumstances, Condition, WaitStep
from msp_ops.files.runbook_file import load_runbook
from tests.files.cast import SCRIPT, spoil, write, write_runbook
from tests.files.test_clients import shown

PAGE = (Path(__file__).parents[2] / "docs" / "runbook-language.md").read_text(encoding="utf-8")
(WHOLE,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SCRIPTS = sorted(set(re.findall(r"[a-z-]+\.sh", WHOLE)))
CHECKS = frozenset({"disk", "service", "failed-units"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "_shared/words.sh", SCRIPT)
    return tmp_path / "fix-web"


def test_everything_that_may_be_written_is_read(folder: Path) -> None:
    write(folder / "harden.yml", "[]\n")
    book = load_runbook(write_runbook(folder, WHOLE, SCRIPTS), CHECKS)
    assert (Path(book.folder) / "harden.yml").is_file()
    assert (book.risk, book.ticket, book.platforms) == ("R2", "required", ("debian", "rhel", "suse"))
    assert isinstance(book.steps[1], WaitStep)
    assert book.steps[1].question().changes is False
    assert (book.steps[3].repeatable, book.steps[3].tries, book.steps[2].repeatable) == (True, 5, False)
    assert book.steps[6].condition == Condition(platform=("rhel",), parameter={}, after={"bring it back": "changed"})
    assert isinstance(book.parameters["along"], Text)
    assert (book.parameters["along"].many, book.parameters["along"].default) == (True, "php-fpm")
    unless = Circumstances(platform=("container",), parameter={}, after={"disk": "clear"})
    assert book.steps[5].condition == Condition(role=("web",), parameter={"deep": "yes"}, after={}, unless=unless)
    assert [step.name for step in book.all_steps()][-2:] == ["service", "bring the old configuration back"]
    assert book.asks_for_platform
    assert book.scripts["fix.sh"] == book.scripts["preview.sh"] == 3 * SCRIPT
    assert [step.name for step in book.undoing().steps] == ["bring the old configuration back"]


def test_a_runbook_that_only_looks_is_of_no_risk(folder: Path) -> None:
    text = "title: Look\nactivity: health\nimpact: read-only\nsteps: [{check: disk}]\nclient_sentence: Looked.\n"
    book = load_runbook(write_runbook(folder, text))
    assert (book.risk, book.asks_for_platform) == ("R0", False)


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("uses: [words]", "uses: [wrods]", "wrods", "there is no file 'wrods.sh'"),
        ("functions: functions.sh", "functions: function.sh", "function.sh", "there is no file 'function.sh'"),
        ("risk: R2", "risk: R0", "R0", "risk R0 and impact reboots cannot both be; right is R1, R2 or R3"),
        ("risk: R2", "risk: R4", "R4", "right is R0, R1, R2, R3"),
        ("ticket: required", "ticket: always", "always", "right is required, optional"),
        ("[debian, rhel, suse]", "[debain]", "debain", "did you mean 'debian'?"),
        ("{platform: [rhel]", "{platform: [redhat]", "redhat", "'redhat' is no platform"),
        ("{platform: [rhel]", "{platform: [apt-3]", "apt-3", "one with its release as debian-12"),
        ("parameter: {deep: yes}", "parameter: {deep: true}", "true", "reaches a step as 'yes'; right is yes"),
        ("parameter: {deep: yes}", "parameter: {deap: yes}", "deap", "did you mean 'deep'?"),
        ("parameter: {deep: yes}", "parameter: {how: stop}", "stop", "right is one of restart, reload"),
        ("when: {parameter: {deep: yes}}", "when: {}", "{}", "the condition is empty"),
        (
            "when: {parameter: {deep: yes}}",
            "when: {facts: x}",
            "facts",
            "keys here: platform, role, parameter, after, unless",
        ),
        ("{bring it back: changed}", "{bring it bak: changed}", "bring it bak", "did you mean 'bring it back'?"),
        ("{bring it back: changed}", "{restart: changed}", "restart", "comes not before this step"),
        ("{bring it back: changed}", "{bring it back: yes}", "yes", "right is changed, unchanged"),
        (
            "{bring it back: changed}",
            "{bring it back: found}",
            "found",
            "changes the host; right is changed, unchanged",
        ),
        ("{disk: clear}", "{disk: changed}", "changed", "'disk' only looks; right is found, warning, critical, clear"),
        ("{disk: clear}", "{the standby serves: clear}", "the standby", "neither changes nor finds anything"),
        ("{disk: clear}", "{failed-units: clear}", "failed-units", "comes not before this step"),
        ("unless: {platform: [container]", "unless: {platform: [jail]", "jail", "'jail' is no platform"),
        ("unless: {platform: [container], after: {disk: clear}}", "unless: {}", "{}", "nothing stands here"),
        ("role: [web]", "role: [Web]", "Web", "role: "),
        ("{wait: standby-serves.sh", "{kind: wait, wait: standby-serves.sh", "kind", "write the script that is asked"),
        ("playbook: harden.yml", "playbook: harden.sh", "harden.sh", "is no playbook; right is a .yml file of this"),
        ("playbook: harden.yml", "playbook: other.yml", "other.yml", "there is no file 'other.yml'"),
        ("playbook: harden.yml", "playbook: ../x.yml", "../x.yml", "lies outside of the runbook's folder"),
        ("every: 5s", "every: 0s", "0s", "no time at all"),
        ("script: undo.sh", "script: undo.sh, changes: no", "no", "an undo changes the host"),
        ("name: bring the old configuration back", "name: bring it back", "bring it back", "is taken in line"),
        ("client_sentence", "no_undo: it cannot be\nclient_sentence", "it cannot be", "cannot both be"),
        ("script: caches.sh", "script: caches.ps1", "caches.ps1", "PowerShell needs Windows"),
        ("when: {role: [web],", "when: {platform: [windows],", "caches.sh", "no POSIX sh"),
        ("verify.sh, name", "verify.sh, repeatable: yes, name", "yes", "only looks may be repeated anyway"),
        ("timeout: 5m}", "timeout: 5m, tries: 2}", "2", "add repeatable: yes"),
        ("timeout: 5m}", "timeout: 5m, repeatable: yes, tries: 1}", "1", "1 is out of bounds; right is 2 to 10"),
        ("timeout: 5m}", "timeout: 5m, repeatable: yes, tries: 11}", "11", "11 is out of bounds"),
        ("another: no", "another: never", "never", "neither yes nor no"),
        ("preview.sh, timeout: 1m", "preview.sh, when: {platform: [suse]}", "{platform", "a preview has no condition"),
        ("default: 2GiB", "default: 2GB", "2GB", "is not a size"),
        ("default: 2GiB", "default: 2MiB", "2MiB", "the default does not fit its own parameter"),
        ("default: 2GiB", "maximum: 100MiB", "512MiB", "minimum is above maximum 100MiB"),
        ("default: 10s", "default: 10d", "10d", "1h at most"),
        ("maximum: 1h, default: 10s", "minimum: 2h, maximum: 1h", "2h", "minimum is above maximum 1h"),
        ("maximum: 60}", "maximum: 60, minimum: 61}", "61", "minimum is above maximum 60"),
        ("maximum: 60}", "maximum: 1001}", "1001", "1001 is out of bounds; right is 1 to 1000"),
        ("default: [php-fpm]", "default: [php-fpm, x y]", "[php-fpm, x y]", "'x y' does not fit"),
        ("default: [php-fpm]", "default: [{a: b}]", "{a: b}", "right is a single text"),
        ("many: yes, default: [php-fpm]", "default: [php-fpm, apache]", "[php-fpm", "right is one value on one line"),
        ("standby: {", "msp-host: {", "msp-host", "is kept for what msp-ops itself tells"),
        ("  deep: {", "  standby-address: {kind: bool, title: x}\n  deep: {", "standby-address", "is the address of"),
    ],
)
def test_what_cannot_be_meant_is_shown_where_it_stands(folder: Path, old: str, new: str, at: str, says: str) -> None:
    text = spoil(WHOLE, old, new)
    write_runbook(folder, text, SCRIPTS)
    write(folder / "caches.ps1", "Write-Output 1\n")
    write(folder / "harden.yml", "[]\n")
    with pytest.raises(FileError) as caught:
        load_runbook(folder, CHECKS)
    lines = [line for line in str(caught.value).splitlines() if line.startswith("/") and says in line]
    assert any(shown(text, line).startswith(at) for line in lines), str(caught.value)


def test_a_runbook_that_only_looks_has_nothing_to_undo(folder: Path) -> None:
    text = "title: Look\nactivity: health\nimpact: read-only\nsteps: [{check: disk}]\nclient_sentence: Looked.\n"
    with pytest.raises(FileError, match="there is nothing to undo"):
        load_runbook(write_runbook(folder, text + "undo: [{script: undo.sh}]\n", ["undo.sh"]))


def test_powershell_is_for_hosts_that_have_it(folder: Path) -> None:
    text = (
        "title: Fix\nactivity: break/fix\nimpact: changes\nplatforms: [windows]\nsteps: [{script: fix.ps1}]\n"
        "verify: [{script: verify.ps1}]\nclient_sentence: Fixed.\n"
    )
    write_runbook(folder, text)
    for name in ("fix.ps1", "verify.ps1"):
        write(folder / name, "Write-Output 1\r\n")
    assert load_runbook(folder).scripts["fix.ps1"] == "Write-Output 1\r\n"
    write(folder / "fix.sh", SCRIPT)
    write(folder / "runbook.yaml", text.replace("fix.ps1", "fix.sh"))
    with pytest.raises(FileError, match=r"Windows has no POSIX sh; right is a file that ends in .ps1"):
        load_runbook(folder)
