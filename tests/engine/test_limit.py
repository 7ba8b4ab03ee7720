"""A look that hangs is ended on its host with everything it began, whatever shell and tools the host has."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from msp_ops.domain.given import Given
from msp_ops.engine.handing import handed_to_look
from msp_ops.engine.script import limited

SHELLS = ("dash", "bash", "busybox")
LEAVES = "sleep 301 & echo $! >{left}/child; echo $$ >{left}/self; sleep 302; echo not reached\n"


@pytest.fixture(params=SHELLS)
def host(request, tmp_path):
    """A PATH with that shell as `sh`; with busybox all its tools."""
    program = shutil.which(request.param)
    if not program:
        pytest.skip(f"{request.param} is not installed here; dash and bash always are")
    tools = tmp_path / "tools"
    tools.mkdir()
    if request.param == "busybox":
        subprocess.run([program, "--install", "-s", tools], check=True)
        return str(tools)
    (tools / "sh").symlink_to(program)
    return f"{tools}:/usr/bin:/bin"


def asked(host, script):
    """Output and code, once nobody holds its pipe any more."""
    shell = shutil.which("sh", path=host)
    return subprocess.run(
        [shell, "-c", script],
        env={"PATH": host},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )


def is_over(left: Path) -> bool:
    process = left.read_text().strip()
    return not Path(f"/proc/{process}/exe").exists()


@pytest.mark.parametrize("secret", [False, True], ids=["plain", "with a secret"])
def test_a_look_that_hangs_leaves_nothing_behind(host, tmp_path, secret):
    text = LEAVES.format(left=tmp_path)
    given = Given(secrets={"password": "hunter22"})
    began = time.monotonic()
    done = asked(host, handed_to_look(given, text, 1) if secret else limited(text, 1))
    assert time.monotonic() - began < 10
    assert done.returncode in {124, 143}
    assert b"not reached" not in done.stdout
    assert is_over(tmp_path / "child")
    assert is_over(tmp_path / "self")


def test_a_look_that_minds_no_signal_is_killed_with_all_it_began(host, tmp_path):
    done = asked(host, limited(f"trap '' TERM\n{LEAVES.format(left=tmp_path)}", 1))
    assert done.returncode in {124, 137}
    assert is_over(tmp_path / "child")


@pytest.mark.parametrize("code", [0, 3, 75])
def test_a_look_in_time_ends_with_its_own_code_and_words(host, code):
    done = asked(host, limited(f"echo said; echo wrong >&2; cat; exit {code}", 5))
    assert (done.returncode, done.stdout, done.stderr) == (code, b"said\n", b"wrong\n")


def test_without_setsid_the_shell_at_least_is_ended(host, tmp_path):
    only = tmp_path / "only"
    only.mkdir()
    for name in ("sh", "timeout", "sleep"):
        (only / name).symlink_to(Path(shutil.which(name, path=host)).resolve())
    done = asked(str(only), limited("sleep 5; echo not reached", 1))
    assert (done.returncode in {124, 143}, done.stdout) == (True, b"")
