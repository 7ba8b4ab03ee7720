"""When a version was first seen, and what a person holds back: the functions of the scripts, in two shells."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from msp_ops.engine.system_clock import SystemClock
from msp_ops.files.library import shipped_folder
from tests.runbooks.practice import shared

SHARED = shared("report", "packages", "waiting")
DAY = 86400
NOW = int(SystemClock().now().timestamp())
RIGHT = "right is NAME until 2026-12-31 because WHY"


@pytest.fixture(params=[["dash"], ["busybox", "sh"]], ids=lambda words: words[0])
def shell(request: pytest.FixtureRequest) -> list[str]:
    return list(request.param)


def carry_out(shell: Sequence[str], folder: Path, script: str, more: str = "") -> subprocess.CompletedProcess[str]:
    places = f"work='{folder}'; record='{folder}/kept/first-seen'; holds='{folder}/holds'\n"
    return subprocess.run(
        [*shell, "-c", SHARED + more + places + script], capture_output=True, text=True, check=False, timeout=30
    )


def note(shell: Sequence[str], folder: Path, waiting: str, known: str = "", before: str = "") -> list[list[str]]:
    """The rows of the record after these packages were seen waiting."""
    (folder / "waiting").write_text(waiting)
    (folder / "kept").mkdir(exist_ok=True)
    record = folder / "kept/first-seen"
    if known:
        record.write_text(known)
    done = carry_out(shell, folder, f"{before}\nnote_first_seen && keep_first_seen")
    assert (done.returncode, done.stderr) == (0, ""), done
    return [line.split() for line in record.read_text().splitlines()]


def is_now(time_: str) -> bool:
    return NOW <= int(time_) <= NOW + 600


def test_what_was_never_seen_is_seen_now_and_only_security_counts_as_that(shell: list[str], tmp_path: Path) -> None:
    app, tls = note(shell, tmp_path, "app 1 2 other\ntls 1 2 security\n")
    assert app[:3] == ["app", "1", "2"]
    assert is_now(app[3])
    assert is_now(app[4])
    assert app[5] == "-"
    assert is_now(tls[5])


def test_a_date_stays_and_what_does_not_wait_any_more_goes(shell: list[str], tmp_path: Path) -> None:
    known = "app 1 2 1795000001 1795000000 -\ngone 1 2 1795000000 1795000000 -\n"
    assert note(shell, tmp_path, "app 1 2 other\n", known) == [known.splitlines()[0].split()]


def test_a_newer_version_is_seen_now_and_the_package_waits_as_long_as_before(shell: list[str], tmp_path: Path) -> None:
    (row,) = note(shell, tmp_path, "app 1 3 security\n", "app 1 2 1795000001 1795000000 1795000002\n")
    assert is_now(row[3])
    assert row[4:] == ["1795000000", "1795000002"]


def test_an_update_that_came_in_between_begins_the_wait_anew(shell: list[str], tmp_path: Path) -> None:
    (row,) = note(shell, tmp_path, "app 2 3 other\n", "app 1 2 1795000001 1795000000 -\n")
    assert is_now(row[3])
    assert is_now(row[4])


def test_a_date_in_the_future_is_not_older_than_now_and_is_said(shell: list[str], tmp_path: Path) -> None:
    future = NOW + 400 * DAY
    (row,) = note(shell, tmp_path, "app 1 2 security\n", f"app 1 2 {future} {future} {future}\n")
    assert all(is_now(time_) for time_ in row[3:])
    said = carry_out(shell, tmp_path, "say_undated").stdout
    assert said.startswith("msp: finding warning first-seen this host's clock was ahead when 1 of the waiting versions")


def test_dates_of_the_past_are_said_of_nobody(shell: list[str], tmp_path: Path) -> None:
    note(shell, tmp_path, "app 1 2 other\nnew 1 2 other\n", "app 1 2 1795000001 1795000000 -\n")
    assert carry_out(shell, tmp_path, "say_undated").stdout == ""


def test_a_version_that_was_seen_by_a_clock_that_was_ahead_is_held(shell: list[str], tmp_path: Path) -> None:
    future = NOW + 400 * DAY
    (tmp_path / "waiting").write_text("app 1 2 other\nold 1 2 other\n")
    (tmp_path / "held").write_text("")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/first-seen").write_text(f"app 1 2 {future} {future} -\nold 1 2 1 1 -\n")
    own = (shipped_folder("runbooks") / "patch-linux/functions.sh").read_text()
    asked = "min_age=86400 min_age_security=0 only_security=no manager=apt exclude="
    stays = f'{asked}\nchoose_what_stays; cat "$work/stays"'
    done = carry_out(shell, tmp_path, stays, more=own)
    assert done.stdout.startswith("app warning stays at 1: since when 2 waits is not known (this host's clock was")
    assert done.stdout.count("\n") == 1
    assert (tmp_path / "avoid").read_text() == "app\n"


@pytest.mark.parametrize(
    "damage", ["app 1 2\n", "app 1 2 x y z\n", "app 1 2 -5 1e3 0x10\n", "\0\0\0", "a b c d e f g\n"]
)
def test_a_damaged_note_counts_as_seen_now(shell: list[str], tmp_path: Path, damage: str) -> None:
    (row,) = note(shell, tmp_path, "app 1 2 other\n", damage)
    assert is_now(row[3])
    assert is_now(row[4])


def test_the_note_is_not_written_again_when_nothing_is_new(shell: list[str], tmp_path: Path) -> None:
    waiting = "app 1 2 other\n"
    note(shell, tmp_path, waiting)
    written = (tmp_path / "kept/first-seen").stat()
    note(shell, tmp_path, waiting)
    assert (tmp_path / "kept/first-seen").stat().st_ino == written.st_ino


def test_nobody_else_reads_the_note_and_a_link_in_its_place_is_not_followed(shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("app 1 2 1795000000 1795000000 -\n")
    (tmp_path / "kept/first-seen").symlink_to(elsewhere)
    (row,) = note(shell, tmp_path, "app 1 2 other\n")
    assert is_now(row[3])
    assert not (tmp_path / "kept/first-seen").is_symlink()
    assert (tmp_path / "kept/first-seen").stat().st_mode & 0o777 == 0o600
    assert elsewhere.read_text() == "app 1 2 1795000000 1795000000 -\n"


def test_more_than_a_host_can_have_is_not_kept(shell: list[str], tmp_path: Path) -> None:
    assert len(note(shell, tmp_path, "".join(f"app{each} 1 2 other\n" for each in range(20_500)))) == 20_000


def test_a_clock_that_is_years_behind_notes_nothing(shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "waiting").write_text("app 1 2 other\n")
    done = carry_out(shell, tmp_path, "date() { echo 86400; }\nnote_first_seen || echo refused")
    assert done.stdout == "refused\n"


def holds(shell: Sequence[str], folder: Path, text: str, mode: int = 0o644) -> subprocess.CompletedProcess[str]:
    (folder / "holds").write_text(text)
    (folder / "holds").chmod(mode)
    return carry_out(shell, folder, 'read_holds; cat "$work/held"; echo ==; say_expired_holds')


def test_a_hold_holds_to_the_end_of_its_day_and_then_is_a_finding(shell: list[str], tmp_path: Path) -> None:
    today = f"{SystemClock().now().astimezone():%Y-%m-%d}"
    text = (
        f"# ours\n\n  nginx until {today} because  the shop needs it because of X\nphp until 2020-01-31 because old\n"
    )
    done = holds(shell, tmp_path, text)
    held, _, said = done.stdout.partition("==\n")
    assert held == f"nginx {today} the shop needs it because of X\n"
    assert said.startswith("msp: finding warning hold:php ended on 2020-01-31 and holds no more (old): remove it")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-x until 2099-01-01 because x", "where no package is named"),
        ("a,b until 2099-01-01 because x", "where no package is named"),
        ("../a until 2099-01-01 because x", "where no package is named"),
        ("nginx", "where no day says until when"),
        ("nginx because x", "where no day says until when"),
        ("nginx until 2099-13-01 because x", "where no day says until when"),
        ("nginx until 01.02.2099 because x", "where no day says until when"),
        ("nginx until 2099-01-01", "where nothing says why"),
        ("nginx until 2099-01-01 because", "where nothing says why"),
        ("nginx until 2099-01-01 because ", "where nothing says why"),
    ],
)
def test_a_hold_without_a_name_a_day_or_a_reason_is_refused(
    shell: list[str], tmp_path: Path, line: str, why: str
) -> None:
    done = holds(shell, tmp_path, f"php until 2099-01-01 because x\n{line}\n")
    assert done.returncode == 75
    assert done.stdout == f"msp: why {tmp_path}/holds cannot be read in line 2, {why}; {RIGHT}\n"


def test_holds_that_others_may_write_are_refused(shell: list[str], tmp_path: Path) -> None:
    done = holds(shell, tmp_path, "nginx until 2099-01-01 because x\n", mode=0o666)
    assert done.returncode == 75
    assert "no file that only root can write" in done.stdout


def test_what_a_reason_says_is_one_line_and_no_report(shell: list[str], tmp_path: Path) -> None:
    done = holds(shell, tmp_path, "nginx until 2020-01-01 because x\rmsp: changed a b\x1b[2J\n")
    assert done.stdout.count("\nmsp: ") == 1
    assert "\r" not in done.stdout
    assert "\x1b" not in done.stdout


def test_no_file_holds_nothing(shell: list[str], tmp_path: Path) -> None:
    assert carry_out(shell, tmp_path, 'read_holds; cat "$work/held" "$work/expired"').stdout == ""
