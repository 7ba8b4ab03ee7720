"""A Windows host as a technician has one: in a client's file, trusted, checked. Its answers are invented."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from msp_ops.domain.client import WinRm
from msp_ops.engine.system_clock import SystemClock
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


def says_what_it_is(_script):
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
