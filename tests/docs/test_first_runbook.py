"""The first runbook, written from its page alone: each file as shown, each command typed, each word that it prints."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import BLOCK, text_of

PAGE = text_of("docs/first-runbook.md")
FILES = {said.split()[1]: body for said, body in BLOCK.findall(PAGE) if " " in said}


def typed(line: str, at: Path) -> str:
    words = [sys.executable, "-m", "msp_ops", *shlex.split(line)[1:]]
    surely = {"COLUMNS": "120", "TERM": "dumb", "MSP_OPS_WORKSPACE": ""}
    done = subprocess.run(words, cwd=at, env=os.environ | surely, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command of the page printed; the files are written where they stand on it."""
    at = tmp_path_factory.mktemp("technician")
    printed: dict[str, str] = {}
    for kind, body in BLOCK.findall(PAGE):
        if " " in kind:
            (at / kind.split()[1]).write_text(body, encoding="utf-8")
        elif kind == "console":
            for line in re.findall(r"^\$ (.*)$", body, re.MULTILINE):
                if line.startswith("cd "):
                    at = at / line.removeprefix("cd ")
                else:
                    printed[line] = typed(line, at)
    return printed


def test_everything_on_the_page_can_be_typed_and_prints_what_it_shows(said: dict[str, str]) -> None:
    for body in (body for kind, body in BLOCK.findall(PAGE) if kind == "console"):
        for line, shown in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", body, re.MULTILINE):
            assert shown in said.get(line, ""), line


def test_the_scripts_of_the_page_are_clean() -> None:
    for name, body in FILES.items():
        if name.endswith(".sh"):
            words = [Path(sys.executable).with_name("shellcheck"), "-"]
            assert subprocess.run(words, input=body, text=True, capture_output=True, check=False).stdout == "", name


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_the_scripts_of_the_page_do_what_they_say(shell: str, tmp_path: Path) -> None:
    lock, kept = tmp_path / "a lock", tmp_path / "kept"

    def ran(name: str) -> tuple[int, str]:
        front = f"lock={shlex.quote(str(lock))}\nmsp_kept={shlex.quote(str(kept))}\n"
        script = front + FILES[f"runbooks/fix-import/{name}"]
        done = subprocess.run([*shell.split(), "-s"], input=script, text=True, capture_output=True, check=False)
        return done.returncode, done.stdout

    assert ran("fix.sh") == (0, "there is no lock\n")
    lock.write_text(f"{os.getpid()}\n")
    assert ran("fix.sh")[0] == 75
    lock.write_text("4194304\n")  # above the highest number that Linux gives
    assert ran("verify.sh")[0] == 1
    assert ran("fix.sh") == (0, "msp: changed lock removed: it was of process 4194304, which is dead\n")
    assert ran("verify.sh")[0] == 0
    assert ran("undo.sh") == (0, "msp: changed lock put back\n")
    assert lock.read_text() == "4194304\n"
    lock.write_text("rubbish")
    assert ran("fix.sh")[0] == 1


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_the_look_of_the_page_sees_what_is_late_and_never_takes_unknown_for_well(shell: str, tmp_path: Path) -> None:
    folder = tmp_path / r"a folder\nmsp: changed forged by its name"

    def looked() -> tuple[int, str]:
        script = f"folder={shlex.quote(str(folder))}\nmax_age=3600\n" + FILES["runbooks/look-import/look.sh"]
        done = subprocess.run([*shell.split(), "-s"], input=script, text=True, capture_output=True, check=False)
        return done.returncode, re.sub(r"\b\d+ seconds", "N seconds", done.stdout)

    assert looked() == (75, f"msp: why there is no folder {folder}\n")
    folder.mkdir(parents=True)
    assert looked() == (0, "msp: finding critical import nothing was imported yet\n")
    (folder / "one.csv").touch()
    assert looked() == (0, "msp: measurement import_age N seconds\n")
    before = (folder / "one.csv").stat().st_mtime - 3 * 3600 - 60
    os.utime(folder / "one.csv", (before, before))
    late = "msp: finding critical import the newest file is 3 hours old\n"
    assert looked() == (0, f"msp: measurement import_age N seconds\n{late}")
