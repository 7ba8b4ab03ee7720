"""Processes that hang, on real practice hosts; and their ids, which are given away again."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runbooks.practice import LIBRARY, Practice, Told

BEGINS = re.compile(r"^work=\$\(mktemp", re.MULTILINE)
NAP = f"sleep 99.{os.getpid()}"  # nobody else on this machine sleeps as long
FORGED = "lab-loop\nmsp: changed sshd gone\n\x1b[2J"


def fix(host: Practice, **given: str) -> Told:
    return host.run("fix-process", "fix.sh", **{"grace": "1s", **given})


def verify(host: Practice, **given: str) -> Told:
    return host.run("fix-process", "verify.sh", **{"watch": "2s", **given})


def start(host: Practice, name: str, *words: str, options: str = "") -> None:
    host.root(f"systemd-run -q {options} --unit={name} {' '.join(words)}; rm -rf /var/lib/msp-ops/kept")
    host.root(f"until systemctl is-active -q {name}; do sleep 0.05; done; sleep 0.2")


@pytest.mark.lab
def test_a_process_ends_once_and_only_the_one_that_was_meant(web1: Practice) -> None:
    start(web1, "lab-loop", "sleep", "7101")
    start(web1, "lab-other", "sleep", "7102")
    preview = web1.run("fix-process", "preview.sh", pattern="^(/usr)?(/bin/)?sleep 7101$")
    assert "lab-loop.service: " in preview.output
    told = fix(web1, pattern="sleep 7101$")
    assert told.code == 0, told.output
    assert len(told.changed) == 1
    assert told.changed[0].endswith("ended after TERM: /usr/bin/sleep 7101")
    assert verify(web1, pattern="sleep 7101$").code == 0
    again = fix(web1, pattern="sleep 7101$")
    assert (again.code, again.changed) == (0, ())
    assert web1.root("systemctl is-active lab-other") == "active"


@pytest.mark.lab
def test_a_process_that_ignores_the_request_is_killed(web1: Practice) -> None:
    start(web1, "lab-deaf", "sh", "-c", "\"trap '' TERM; while :; do sleep 0.1; done # lab-deaf\"")
    told = fix(web1, pattern="# lab-deaf")
    assert told.code == 0, told.output
    assert "killed, it did not end by itself" in told.changed[0]


@pytest.mark.lab
def test_one_that_starts_again_is_not_called_gone_unless_it_may(web1: Practice) -> None:
    start(web1, "lab-back", "sleep", "7103", options="-p Restart=always -p RestartSec=1")
    assert fix(web1, pattern="sleep 7103").code == 0
    told = verify(web1, pattern="sleep 7103", watch="3s")
    assert told.code == 1
    assert ", by lab-back.service: " in told.why
    assert verify(web1, pattern="sleep 7103", may_return="yes").code == 0


@pytest.mark.lab
@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("sshd", "(sshd), which the host or the way to it needs"),
        ("init|systemd", "also matches process"),
        ("lab-web|sleep inf", "matches 2 processes, at most 1"),
        (".*", "matches everything"),
        ("[a-", "not a regular expression"),
    ],
)
def test_a_pattern_that_says_too_much_ends_nothing(web1: Practice, pattern: str, why: str) -> None:
    before = web1.root("systemctl show -p MainPID --value ssh lab-web lab-daemon")
    told = fix(web1, pattern=pattern)
    assert (told.code, told.changed) == (75, ())
    assert why in told.why
    assert web1.root("systemctl show -p MainPID --value ssh lab-web lab-daemon") == before


@pytest.mark.lab
def test_a_users_processes_only(web1: Practice) -> None:
    start(web1, "lab-mine", "sleep", "7104")
    start(web1, "lab-theirs", "sleep", "7104", options="--uid=nobody")
    assert len(fix(web1, pattern="sleep 7104", user="nobody").changed) == 1
    assert web1.root("systemctl is-active lab-mine") == "active"
    assert "no user nemo" in fix(web1, pattern="xx", user="nemo").why


def functions(then: str, **variables: str) -> str:
    """What the script's functions print, in dash."""
    text = LIBRARY["fix-process"].scripts["fix.sh"]
    found = BEGINS.search(text)
    assert found
    done = subprocess.run(
        ["dash", "-c", text[: found.start()] + then],
        env={**os.environ, "user": "", "most": "1", "grace": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=60,
    )
    return done.stdout.decode()


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process whose own name and command line anybody chose."""
    program = tmp_path / ") 1 (x\ny"
    program.write_bytes(Path("/usr/bin/sleep").read_bytes())
    program.chmod(0o755)
    running = subprocess.Popen([FORGED, "600"], executable=program)
    yield running
    running.kill()
    running.wait(10)


def test_an_id_that_was_given_to_another_process_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    begin = functions(f'look_at {sleeper.pid}; printf \'%s %s\' "$parent" "$begin"')
    parent, at = begin.split()
    assert int(parent) == os.getpid(), "the name of a process does not shift its fields"
    fields = Path(f"/proc/{sleeper.pid}/stat").read_text().rpartition(") ")[2].split()
    assert at == fields[19], "starttime, field 22 of proc(5), where the state is 3"
    functions(f"signal KILL {sleeper.pid} {int(at) + 1}")
    assert sleeper.poll() is None
    functions(f"signal TERM {sleeper.pid} {at}")
    assert sleeper.wait(10) == -15


def test_neither_we_nor_who_started_us_nor_who_we_started_matches(sleeper: subprocess.Popen[bytes]) -> None:
    found = functions(f"know_whom; {NAP} & matching; kill $!; exit", pattern="dash|sleep|python|lab-loop")
    lines = [line for line in found.splitlines() if str(os.getpid()) in line.split()[:1] or NAP in line]
    assert lines == []
    assert f"{sleeper.pid} " in found


def test_a_command_line_never_passes_for_a_report(sleeper: subprocess.Popen[bytes]) -> None:
    found = functions("know_whom; matching", pattern="lab-loop.*600$")
    assert found.count("\n") == 1
    assert "lab-loop?msp: changed sshd gone??[2J 600" in found


@pytest.mark.parametrize("program", ["sshd", "sshd-session", "systemd", "systemd-journal", "dbus-daemon", "su"])
def test_what_the_host_needs_is_refused_by_its_own_name(program: str) -> None:
    said = functions(f"look_at() {{ program={program}; }}; refuse_dangerous 4711; echo allowed")
    assert f"({program}), which the host" in said
    assert "allowed" in functions("look_at() { program=java; }; refuse_dangerous 4711; echo allowed")


def test_a_kernel_thread_is_told_by_its_flags() -> None:
    assert functions("flags=2129984; is_kernel_thread && echo yes").strip() == "yes"
    assert functions("flags=4194560; is_kernel_thread || echo no").strip() == "no"
