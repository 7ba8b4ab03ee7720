"""How old apt's lists are: one source that answers hides no other. The scan's functions, in two shells."""

import os
import subprocess
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from msp_ops.engine.system_clock import SystemClock
from tests.runbooks.practice import LIBRARY

FUNCTIONS = LIBRARY["patch-scan"].scripts["scan.sh"].partition("\nmanager=$(manager)\n")[0]
GOOD, OTHER = "deb.example_dists_stable", "vendor.example_dists_stable"
SOURCES = f"""\
'http://deb.example/dists/stable/InRelease' {GOOD}_InRelease 0
'http://vendor.example/dists/stable/InRelease' {OTHER}_InRelease 0
'cdrom://disc/dists/stable/InRelease' disc_dists_stable_InRelease 0
'http://deb.example/dists/stable/main/binary-amd64/Packages.xz' deb.example_main_Packages 0
"""
HOUR = timedelta(hours=1)


@pytest.fixture(params=[["dash"], ["busybox", "sh"]], ids=lambda words: words[0])
def shell(request: pytest.FixtureRequest) -> list[str]:
    return list(request.param)


def have(folder: Path, name: str, *, hours: int, ends: int | None = None) -> None:
    """A list of that age, which by its own word ends in so many hours."""
    now = SystemClock().now()
    lists = folder / "lists"
    lists.mkdir(exist_ok=True)
    until = "" if ends is None else f"Valid-Until: {format_datetime(now + ends * HOUR, usegmt=True)}\n"
    path = lists / name
    path.write_text(f"Origin: x\n{until}SHA256:\n Valid-Until: forged\n")
    at = (now - hours * HOUR).timestamp()
    os.utime(path, (at, at))


def asked(shell: list[str], folder: Path) -> str:
    """What the scan says of its lists; nothing when they are fresh enough."""
    script = (
        (
            f"{FUNCTIONS}\napt-get() {{ cat <<'X'\n{SOURCES}X\n}}\n"
            f"apt_lists='{folder}/lists' manager=apt oldest_lists=172800; require_fresh_lists"
        )
        .replace("apt-get()", "apt_get()")
        .replace("apt-get update", "apt_get update")
    )
    done = subprocess.run([*shell, "-c", script], capture_output=True, text=True, check=False, timeout=30)
    assert done.stderr == ""
    assert done.returncode == (75 if done.stdout else 0)
    return done.stdout.removeprefix("msp: why not verified: the package lists of ").strip()


def test_a_list_that_had_nothing_new_for_months_is_as_fresh_as_the_others(shell: list[str], tmp_path: Path) -> None:
    have(tmp_path, f"{GOOD}_InRelease", hours=1, ends=100)
    have(tmp_path, f"{OTHER}_Release", hours=2000)
    assert asked(shell, tmp_path) == ""


def test_a_list_that_has_ended_by_its_own_word_is_old(shell: list[str], tmp_path: Path) -> None:
    have(tmp_path, f"{GOOD}_InRelease", hours=1)
    have(tmp_path, f"{OTHER}_InRelease", hours=240, ends=-72)
    assert asked(shell, tmp_path) == f"{OTHER} are 240 hours old, newer updates are not known here"


def test_a_source_that_never_answered_is_named(shell: list[str], tmp_path: Path) -> None:
    have(tmp_path, f"{GOOD}_InRelease", hours=1)
    said = asked(shell, tmp_path)
    assert said == f"msp: why not verified: there are no package lists of {OTHER}"


def test_lists_that_are_all_old_are_old(shell: list[str], tmp_path: Path) -> None:
    have(tmp_path, f"{GOOD}_InRelease", hours=90)
    have(tmp_path, f"{OTHER}_InRelease", hours=70)
    assert asked(shell, tmp_path) == "all sources are 70 hours old, newer updates are not known here"
