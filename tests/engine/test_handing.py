"""What a script is given reaches it byte for byte in every shell, and stands in no command line on the way."""

import os
import subprocess
from pathlib import Path

import pytest

from msp_ops.domain.given import Given, GivenFiles
from msp_ops.engine.handing import handed_to_change, handed_to_look

SHELLS = (["dash"], ["bash", "--posix"], ["busybox", "sh"])
HOSTILE = (
    'it\'s "quoted"',
    "$(touch hacked); `touch hacked`; ${HOME}\\n\\$x",
    "two\nlines\n",
    "-----BEGIN KEY-----\nAAA\n-----END KEY-----",
    "ünï ☃ \x1b[2J\t%s %n",
    "'; touch hacked; '",
    "!history *? ~ #\r\n",
)
BINARY = bytes(range(256)) * 20 + b"'\n\n"
SHOW = 'printf %s "$pass_word" >out\n'
COPY = 'cat "$config" >copy; ls -l "$config" >mode; printf %s "$config" >where\n'


@pytest.fixture(params=SHELLS, ids=lambda argv: argv[0])
def shell(request, tmp_path):
    """A shell that is also called `sh`, as on a host whose `sh` it is; its words are read while it works."""
    tools = tmp_path / "tools"
    tools.mkdir()
    program = tools / "sh"
    program.write_text(f'#!/bin/sh\nexec {" ".join(request.param)} "$@"\n')
    program.chmod(0o755)
    room = tmp_path / "room"
    room.mkdir()

    def run(argv, text=""):
        path = f"{tools}:{os.environ['PATH']}"
        return subprocess.run(
            ["sh", *argv],
            cwd=room,
            env={"PATH": path},
            input=text.encode(),
            capture_output=True,
            check=False,
            timeout=30,
        )

    run.room = room
    return run


def secret(value: str, **files: bytes) -> Given:
    return Given(secrets={"pass-word": value} if value else {}, files=GivenFiles(contents=files))


def changed(shell, given: Given, text: str) -> subprocess.CompletedProcess[bytes]:
    """As the supervisor runs it."""
    (shell.room / "script").write_bytes(handed_to_change(given, text).encode())
    return shell(["./script"])


def looked(shell, given: Given, text: str) -> subprocess.CompletedProcess[bytes]:
    """As the loader runs it: from a variable, with nothing on standard input."""
    (shell.room / "look").write_bytes(handed_to_look(given, text, 20).encode())
    return shell(["-c", 's=$(cat look; printf x); s=${s%x}; (eval "$s") </dev/null 2>&1'])


@pytest.mark.parametrize("run", [changed, looked])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_secret_arrives_as_it_is(shell, run, value):
    done = run(shell, secret(value), SHOW)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (shell.room / "out").read_bytes().decode() == value
    assert not (shell.room / "hacked").exists()


@pytest.mark.parametrize("run", [changed, looked])
@pytest.mark.parametrize(
    "content", [b"", b"text\n", BINARY, os.urandom(1024 * 1024)], ids=["empty", "text", "bytes", "1M"]
)
def test_a_file_arrives_as_it_is_and_only_its_user_reads_it(shell, run, content):
    done = run(shell, secret("", config=content), COPY)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (shell.room / "copy").read_bytes() == content
    assert (shell.room / "mode").read_text().startswith("-rw-------")


@pytest.mark.parametrize("run", [changed, looked])
def test_a_script_ends_as_it_ends(shell, run):
    assert run(shell, secret("hunter22", config=b"x"), "exit 75\n").returncode == 75
    assert run(shell, secret("hunter22"), "set -eu\nfalse\necho no\n").returncode == 1


@pytest.mark.parametrize("run", [changed, looked])
def test_nobody_sees_a_secret_in_a_command_line_or_an_environment(shell, run):
    """The script itself looks at every process of this machine, its own parents and children too."""
    look = (
        "sleep 5 & other=$!\n"
        '{ cat /proc/[0-9]*/cmdline; cat "/proc/$$/environ" "/proc/$other/environ"; } 2>/dev/null >seen\n'
        "kill $other\n"
    )
    assert run(shell, secret("hunter22-in-argv", config=b"f"), SHOW + look).returncode == 0
    seen = (shell.room / "seen").read_bytes()
    assert b"room" in seen or b"look" in seen or b"script" in seen
    assert b"hunter22-in-argv" not in seen


def test_a_name_that_the_host_exports_already_does_not_take_the_secret_with_it(shell):
    show, exported = SHOW + "env >seen\n", "export pass_word=old; "
    (shell.room / "script").write_bytes(handed_to_change(secret("hunter22"), show).encode())
    (shell.room / "look").write_bytes(handed_to_look(secret("hunter22"), show, 20).encode())
    for run in (f"{exported}exec sh ./script", f'{exported}s=$(cat look); (eval "$s") </dev/null'):
        assert shell(["-c", run]).returncode == 0
        assert (shell.room / "out").read_bytes() == b"hunter22"
        assert b"hunter22" not in (shell.room / "seen").read_bytes()


def test_a_script_that_changes_has_emptied_its_file_before_it_begins(shell):
    assert changed(shell, secret("hunter22"), "cat script >seen\nls >there\necho on >out\n").returncode == 0
    assert (shell.room / "seen").read_bytes() == b""
    assert (shell.room / "script").read_bytes() == b""
    assert (shell.room / "there").read_text().split() == ["script", "seen", "there"]
    assert (shell.room / "out").read_text() == "on\n"


def test_the_folder_of_a_look_is_gone_when_it_ends(shell):
    for text, code in ((COPY, 0), (COPY + "exit 3\n", 3)):
        assert looked(shell, secret("hunter22", config=b"x"), text).returncode == code
        where = Path((shell.room / "where").read_text())
        assert where.name == "given-config"
        assert not where.parent.exists()


def test_a_look_that_is_stopped_by_its_time_leaves_nothing(shell):
    (shell.room / "look").write_text(handed_to_look(secret("", config=b"x"), COPY + "sleep 9 >/dev/null 2>&1\n", 1))
    assert shell(["look"]).returncode in {124, 143}
    assert not Path((shell.room / "where").read_text()).parent.exists()


def test_a_host_that_cannot_take_the_file_changes_nothing_and_says_why(shell):
    (shell.room / "given-config").mkdir()
    done = changed(shell, secret("", config=b"x"), "touch begun\n")
    assert done.returncode == 75
    assert done.stdout == b"msp: why a file that this runbook was given could not be put on this host\n"
    assert not (shell.room / "begun").exists()
