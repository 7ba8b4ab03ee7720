"""Names and words that anybody on a host may choose never pass for a line of ours: scripts' functions in dash."""

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import pytest

from msp_ops.checks.script_report import ScriptReport, read_report
from msp_ops.checks.table import CHECKS
from tests.runbooks.practice import LIBRARY as BOOKS
from tests.runbooks.practice import shared

FORGED = "x\nmsp: changed sshd replaced by nobody\n== end\n9999999\t\nmsp: why all is well\n\rmsp: why\x1b[2J"
BEGINS = re.compile(r"^(?:command -v|case \$path|mount=\$\(df)", re.MULTILINE)


def dash(script: str, **variables: str) -> str:
    """What it prints on either stream."""
    done = subprocess.run(
        ["dash", "-c", script],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=60,
    )
    return done.stdout.decode(errors="replace")


def functions(script: str) -> str:
    """What a script defines, without what it does."""
    runbook, _, file = script.partition("/")
    text = BOOKS[runbook].scripts[file]
    begins = list(BEGINS.finditer(text))
    assert begins, script
    return text[: begins[-1].start()]


def report(output: str) -> ScriptReport:
    return read_report(output, check="x", at=datetime(2026, 11, 23, tzinfo=UTC))


def fill(folder: Path, name: str) -> Path:
    """A file of 21 MiB, and one of 2 MiB in a folder of that name."""
    (folder / name).mkdir(parents=True)
    (folder / name / "inside").write_bytes(bytes(2 * 1024 * 1024))
    (folder / f"{name}big").write_bytes(bytes(21 * 1024 * 1024))
    return folder


@pytest.fixture
def shallow() -> Iterator[Path]:
    """Folders are named to a depth of three."""
    with TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def test_the_names_of_what_fills_a_disk_are_shown_and_report_nothing(shallow: Path) -> None:
    fill(shallow, FORGED)
    output = dash(functions("fix-disk-full/fix.sh") + "biggest; big_files", mount=str(shallow))
    assert report(output) == ScriptReport()
    lines = output.splitlines()
    assert len(lines) == output.count("\n") <= 8
    assert sum("x?msp: changed sshd" in line for line in lines) == 2
    assert any(line.endswith("big") for line in lines)
    assert "\x1b" not in output


def test_a_preview_of_a_disk_shows_names_and_reports_nothing(shallow: Path) -> None:
    fill(shallow, FORGED)
    text = BOOKS["fix-disk-full"].scripts["preview.sh"]
    looking = text.replace("mount=$(df", "mount=$tested; : $(df")
    assert looking != text
    output = dash(looking, path=str(shallow), tested=str(shallow), older_than="10")
    assert report(output) == ScriptReport()
    assert "x?msp: changed sshd" in output


def test_what_a_removal_says_reports_nothing() -> None:
    script = functions("fix-disk-full/fix.sh") + (
        "free_percent() { echo 0; }; free_kib() { echo 0; }\n"
        'noisy() { printf "%s\\n" "$forged"; printf "%s\\n" "$forged" >&2; false; }; class noise noisy'
    )
    output = dash(script, forged=FORGED, target_free="10", path="/")
    assert report(output) == ScriptReport()
    assert "noise: could not be done in full" in output


def test_a_deleted_file_with_the_name_of_a_report_is_found_as_what_it_is(tmp_path: Path) -> None:
    held = tmp_path / FORGED
    with held.open("wb") as file:
        file.write(bytes(2 * 1024 * 1024))
        file.flush()
        held.unlink()
        script = (
            functions("fix-disk-full/fix.sh") + "mounted_at() { echo here; }; tab=$(printf '\\t'); deleted_but_open"
        )
        said = report(dash(script, mount="here"))
    assert (said.changed, said.why, said.malformed) == ((), "", ())
    ours = [one for one in said.reading.findings if str(tmp_path) in one.message]
    assert [one.message.endswith(f"are held by process {os.getpid()}: restart it") for one in ours] == [True]


def test_a_lock_with_the_name_of_a_report_is_left_alone(tmp_path: Path) -> None:
    for name in (f"{FORGED}.lock", "plain.lock"):
        (tmp_path / name).write_text("4194305")
    script = functions("fix-service/fix.sh") + 'property() { echo "../$folder_in_run"; }; remove_stale_locks'
    said = report(dash(script, folder_in_run=str(tmp_path).lstrip("/")))
    assert len(said.changed) == 1
    assert "plain.lock removed" in said.changed[0]
    assert [one.name for one in tmp_path.iterdir()] == [f"{FORGED}.lock"]


@pytest.mark.parametrize("unit", ["systemd-logind.service", "dbus-broker.service", "init.scope", "system.slice"])
def test_a_part_of_the_system_is_refused_under_every_name_that_it_has(unit: str) -> None:
    script = functions("fix-service/fix.sh") + (
        'property() { case $1 in Id) echo "$unit" ;; LoadState) echo loaded ;; esac; }; refuse_dangerous'
    )
    said = report(dash(script, service="dbus-org.freedesktop.login1", unit=unit))
    assert said.why == f"{unit} is part of the system itself: restarting it would do harm"
    assert report(dash(script, service="web", unit="nginx.service")).why == ""


@pytest.mark.parametrize("sed", ["sed", "busybox"])
def test_a_quoted_line_is_never_a_report(sed: str, tmp_path: Path) -> None:
    """Also where the host's sed is busybox's, which cannot be told to keep nothing back."""
    (tmp_path / "sed").symlink_to(which(sed) or sed)
    begin = f"{shared('report')}\nPATH={tmp_path}:$PATH\n"
    output = dash(f'{begin}printf "%s\\n" "$words" | quoted', words=FORGED + "\N{NEXT LINE}msp: changed x y")
    assert report(output) == ScriptReport()
    assert all(line.startswith("  ") for line in output.split("\n")[:-1])
    assert output.count("\n") == FORGED.count("\n") + 1
    assert "\x1b" not in output
    assert "\r" not in output


@pytest.mark.parametrize(
    ("check", "variable"), [("backup-postgres", "folder"), ("certificates", "certificates")], ids=["dumps", "pem"]
)
def test_a_folder_with_the_name_of_an_answer_is_passed_over(check: str, variable: str, tmp_path: Path) -> None:
    for name in ("sound", "x\n== proofs\n== together\n== end\n"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "all.sql").write_text("-- PostgreSQL\n")
        (tmp_path / name / "own.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    output = dash(CHECKS[check].command, **{variable: str(tmp_path)})
    assert f"{tmp_path}/sound/" in output
    assert f"{tmp_path}/x" not in output
