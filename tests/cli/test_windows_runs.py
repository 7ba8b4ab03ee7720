"""`msp-ops run` on a Windows host, whole: files, plan, wire, marker, store. POSIX sh plays what PowerShell would do."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.test_windows_hosts import CLIENT, ROOT
from tests.transports.conformance import until
from tests.transports.windows import PASSWORD, played, windows

pytestmark = pytest.mark.wire
RUNBOOK = """title: Restart the spooler
activity: break/fix
platforms: [windows]
impact: changes
no_undo: it is a restart
parameters:
  mark: {kind: text, title: Where it leaves a mark}
  word: {kind: secret, title: A word nobody sees}
steps:
  - {script: fix.ps1}
verify:
  - {script: prove.ps1, changes: no}
client_sentence: Made printing work again.
"""
# sh in the place of PowerShell: what the values in front become is read by `meant`
FIX = """echo "msp: changed spooler restarted for $word"
echo ran >>"$mark"
while [ -e "$mark.wait" ]; do sleep 0.1; done
"""
PROVE = '[ -s "$mark" ] && grep -c ran "$mark"\n'


def meant(script: bytes) -> bytes:
    """The values that stand in front as base64 become variables of sh; the rest is sh already."""
    front, _, text = script.decode().partition("$msp_kept = ")
    sh = []
    for line in front.splitlines():
        if line.startswith("$"):
            name, _, value = line[1:].partition(" = ")
            sh.append(f"{name}=$(printf %s '{value.split(chr(39))[1]}' | base64 -d)\n")
    return ("".join(sh) + text.partition("\n")[2]).encode()


@pytest.fixture
def host(tmp_path):
    (tmp_path / "host").mkdir()
    with played(tmp_path / "host", meant) as (host, restart), windows(host) as server:
        server.restart = lambda: (restart(), server.endpoint.restart())
        yield server


@pytest.fixture
def start(host, tmp_path):
    root = tmp_path / "workspace"
    argv = [sys.executable, "-m", "msp_ops"]
    subprocess.run(
        [*argv, "init", str(root), "--name", "O", "--contact", "o@msp.example"], check=True, capture_output=True
    )
    for path in (root / "clients").glob("*"):
        path.unlink()
    client = CLIENT.replace("transport: winrm", "transport: winrm, winrm: {tls: no}") % host.endpoint.port
    (root / "clients" / "acme.yaml").write_text(client)
    folder = root / "runbooks" / "fix-spooler"
    folder.mkdir(parents=True)
    for name, text in {"runbook.yaml": RUNBOOK, "fix.ps1": FIX, "prove.ps1": PROVE}.items():
        (folder / name).write_text(text)
    environment = {**os.environ, "MSP_OPS_WORKSPACE": str(root), "NO_COLOR": "1", "COLUMNS": "200"}
    environment |= {"WINDOWS_PASSWORD": PASSWORD, "WORD": "hunter2-of-acme"}

    def begin(*words):
        return subprocess.Popen(
            [*argv, *words], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    return begin


def run(start, mark: Path):
    words = ("run", "fix-spooler", "acme/dc1", "--mark", str(mark), "--word", "env:WORD", "-t", "T-1", "--yes")
    return start(*words)


def ended(process):
    said, _ = process.communicate(timeout=90)
    assert PASSWORD not in said
    assert "hunter2" not in said
    return process.returncode, said


def test_a_runbook_for_windows_acts_once_and_is_verified(host, start, tmp_path):
    mark = tmp_path / "it's a mark"
    code, said = ended(run(start, mark))
    assert code == 0, said
    assert mark.read_text() == "ran\n"
    assert "spooler restarted for [secret]" in said
    assert host.left_over() == 0


def test_a_restart_in_the_middle_is_unknown_and_the_change_is_never_begun_again(host, start, tmp_path):
    if os.geteuid():
        pytest.skip("only root can give a played host a restart of its own")
    mark = tmp_path / "mark"
    (tmp_path / "mark.wait").touch()
    process = run(start, mark)
    until(mark.exists, seconds=60)
    threading.Thread(target=host.restart, daemon=True).start()
    code, said = ended(process)
    assert code == 6, said
    assert "restarted" in said
    assert mark.read_text() == "ran\n"


def test_a_link_that_breaks_in_the_middle_is_opened_again_and_the_end_is_heard(host, start, tmp_path):
    mark = tmp_path / "mark"
    (tmp_path / "mark.wait").touch()
    process = run(start, mark)
    until(mark.exists, seconds=60)
    host.endpoint.restart()  # every shell and connection is gone; the task goes on
    (tmp_path / "mark.wait").unlink()
    code, said = ended(process)
    assert code == 0, said
    assert mark.read_text() == "ran\n"
    assert host.left_over() == 0
