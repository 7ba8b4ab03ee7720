"""A Windows host as a technician has one: in a client's file, trusted, checked. Its answers are invented."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from msp_ops.domain.client import WinRm
from msp_ops.engine.system_clock import SystemClock
from msp_ops.journeys.windows_probes import QUOTES, SIGNS
from msp_ops.lab.winrm.certificate import write_certificate
from msp_ops.lab.winrm.endpoint import Ways
from tests.transports.test_winrm_faults import Scripted
from tests.transports.windows import PASSWORD, windows

pytestmark = pytest.mark.wire
ROOT = Path(__file__).parents[2]
CLIENT = r"""name: Acme
timezone: Europe/Berlin
currency: EUR
sites:
  - id: praxis
    name: Praxis
    hosts:
      - {id: dc1, address: 127.0.0.1, port: %d, transport: winrm, credential: windows}
credentials:
  windows: {user: 'ACME\svc-ops', password: env:WINDOWS_PASSWORD}
contracts: []
"""
# invented: no look at a real Windows host was ever recorded here
LOOK = """powershell 5.1.20348.2849
language FullLanguage
administrator True
tasks True
system Microsoft Windows Server 2022 Standard 20348
disk 50000000000 100000000000
clock %s
"""


# invented as well: it proves how answers are judged
PROBED = {
    SIGNS: (0, f"{SIGNS}\r\n".encode()),
    "$value\n": (0, f"{QUOTES}\r\n".encode()),
    "$x.Length": (0, b"200000\r\n"),
    "exit 3010": (3010, b""),
    "exit 3\n": (3, b""),
    "exit 0": (0, b""),
    "exit -1": (-1, b""),
    "throw": (1, b"on purpose\r\nAt line:3 char:1 on 127.0.0.1 as SVC-OPS\r\n"),
    "1>&2": (0, b"first \r\nthen\r\n"),
    "'x' * ": (0, b"x" * 5_000_000 + b"\r\n"),
    "Start-Sleep": (124, b""),
    "WSMan:": (0, b"MaxShellsPerUser 30\r\n"),
}


def says_what_it_is(script):
    """What Windows is believed to say to each question of the self-test and of `hosts check`."""
    text = script.decode()
    for marks, answer in PROBED.items():
        if marks in text:
            return answer
    now = SystemClock().now().strftime("%Y-%m-%dT%H:%M:%S")
    return 0, (LOOK % now).replace("\n", "\r\n").encode()


@pytest.fixture
def server(tmp_path):
    certificate = write_certificate(tmp_path, SystemClock())
    with windows(Scripted(says_what_it_is), WinRm(), Ways(certificate=certificate)) as server:
        yield server


@pytest.fixture
def command(server, tmp_path):
    root = tmp_path / "workspace"
    made = [sys.executable, "-m", "msp_ops", "init", str(root), "--name", "Ops", "--contact", "ops@msp.example"]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    for path in (root / "clients").glob("*"):
        path.unlink()
    (root / "clients" / "acme.yaml").write_text(CLIENT % server.endpoint.port)

    def run(*words, password=PASSWORD):
        environment = {**os.environ, "MSP_OPS_WORKSPACE": str(root), "NO_COLOR": "1", "COLUMNS": "200"}
        environment["WINDOWS_PASSWORD"] = password
        argv = [sys.executable, "-m", "msp_ops", *words]
        done = subprocess.run(argv, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert password not in done.stdout + done.stderr
        return done

    return run


def test_a_windows_host_is_trusted_and_checked(server, command):
    before = command("hosts", "check", "acme/dc1")
    assert before.returncode == 5
    assert "msp-ops hosts trust acme/dc1" in before.stdout
    trusted = command("hosts", "trust", "acme/dc1", "--yes")
    assert "shows certificate SHA256 " in trusted.stderr
    assert trusted.returncode == 0, trusted.stderr
    checked = command("hosts", "check", "acme/dc1")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    said = checked.stdout.replace("\n", " ")
    assert "login: ok ACME\\svc-ops, certificate as pinned" in said
    assert "powershell: ok 5.1.20348.2849 on Microsoft Windows Server 2022 Standard 20348" in said
    assert "disk: ok the system disk is 50 % full" in said
    assert server.left_over() == 0


def test_a_wrong_password_is_shown_twice_by_all_commands_together(server, command):
    command("hosts", "trust", "acme/dc1", "--yes")
    for _ in range(3):
        refused = command("hosts", "check", "acme/dc1", password="not-the-one")
        assert refused.returncode == 5
    assert "was not tried" in refused.stdout
    assert server.endpoint.counters["refused"] == 2
    assert "2 refusals of acme are forgotten" in command("hosts", "unlock", "acme").stderr


def test_a_host_that_bears_everything_out_is_good_and_its_transcript_names_nobody(server, command, tmp_path):
    command("hosts", "trust", "acme/dc1", "--yes")
    done = command("winrm", "selftest", "acme/dc1", "--transcript", str(tmp_path / "dc1.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "code page: ok" in done.stdout
    text = (tmp_path / "dc1.json").read_text()
    told = {each["name"]: each for each in json.loads(text)}
    assert told["5 MB output"]["bytes_said"] == 5_000_002
    assert told["exit -1"]["exit_code"] == -1
    assert told["an error"]["output"].splitlines()[1] == "At line:3 char:1 on [masked] as [masked]"
    assert "127.0.0.1" not in text
    assert server.left_over() == 0


def test_a_claim_that_is_not_borne_out_is_named_and_the_command_ends_with_1(server, command, monkeypatch):
    command("hosts", "trust", "acme/dc1", "--yes")
    monkeypatch.setitem(PROBED, SIGNS, (0, SIGNS.encode("cp437", "replace")))
    done = command("winrm", "selftest", "acme/dc1")
    assert done.returncode == 1
    assert "code page: not as believed it did not say" in done.stdout
    assert done.stdout.count("not as believed") == 1


def test_a_host_of_ssh_has_no_self_test(command, tmp_path):
    path = tmp_path / "workspace" / "clients" / "acme.yaml"
    path.write_text(path.read_text().replace("transport: winrm", "transport: ssh"))
    done = command("winrm", "selftest", "acme/dc1")
    assert done.returncode == 2
    assert "this is for hosts with transport: winrm" in done.stderr
