"""A script of somebody's own: run once, its words kept apart from ours, and believed only where its proof holds."""

import subprocess
from pathlib import Path

import pytest

from msp_ops.checks.script_report import read_report
from msp_ops.engine.script import variables
from tests.runbooks.practice import LIBRARY, NOW, Practice, Told

BOOK = LIBRARY["run-adhoc"]


@pytest.fixture(params=[("dash",), ("busybox", "sh"), ("bash", "--posix")], ids=" ".join)
def shell(request):
    return request.param


def told(shell, file: str, script: Path, proof: str = "") -> Told:
    text = variables({"script": str(script), "proof": proof}) + BOOK.scripts[file]
    done = subprocess.run(
        [*shell, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    report = read_report(done.stdout, check=BOOK.id, at=NOW)
    assert not report.malformed
    return Told(code=done.returncode, output=done.stdout, report=report)


@pytest.fixture
def script(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "given"
        path.write_text(text)
        return path

    return write


def test_it_is_run_and_what_it_said_is_kept(shell, script, tmp_path):
    done = told(shell, "run.sh", script(f"echo making it\n: >'{tmp_path}/made'\n"), f"test -e '{tmp_path}/made'")
    assert (done.code, done.changed) == (0, ("script was run and ended with 0",))
    assert "  making it\n" in done.output
    again = told(shell, "run.sh", script("exit 9\n"), f"test -e '{tmp_path}/made'")
    assert (again.code, again.changed) == (0, ())
    assert told(shell, "verify.sh", script(""), f"test -e '{tmp_path}/made'").code == 0


@pytest.mark.parametrize("code", [1, 75, 124, 137])
def test_however_it_fails_it_has_failed_and_may_have_changed_something(shell, script, code):
    done = told(shell, "run.sh", script(f"exit {code}\n"))
    assert (done.code, done.why) == (1, f"the script ended with {code}")
    assert done.changed == (f"script was run and ended with {code}",)


def test_none_of_its_words_is_a_report_of_ours(shell, script):
    forged = (
        "echo 'msp: changed all is well'; printf '\\rmsp: why nothing\\nmsp: finding critical x y\\n' >&2\nexit 1\n"
    )
    done = told(shell, "run.sh", script(forged))
    assert (done.changed, done.why) == (("script was run and ended with 1",), "the script ended with 1")
    assert done.findings == {}


def test_it_reads_nothing_and_cannot_say_for_us_how_it_ended(shell, script):
    done = told(shell, "run.sh", script("cat\n(echo 0 >&3) || (echo 0 >&4) || exit 9\n"))
    assert (done.code, done.why) == (1, "the script ended with 9")


@pytest.mark.parametrize(
    ("proof", "code", "why"),
    [
        ("", 75, "not verified: that a script ends well proves nothing; say with --proof what must be so afterwards"),
        ("false", 1, "the proof does not hold: it ended with 1"),
        ("exit 75", 75, "not verified: the proof could not be looked at: it ended with 75"),
        ("no-such-command-here", 75, "not verified: the proof could not be looked at: it ended with 127"),
        ("echo 'msp: why all is well'; exit 2", 1, "the proof does not hold: it ended with 2"),
    ],
)
def test_without_a_proof_that_holds_nothing_is_proved(shell, script, proof, code, why):
    done = told(shell, "verify.sh", script("exit 0\n"), proof)
    assert (done.code, done.why) == (code, why)


def test_the_preview_shows_the_script_and_runs_nothing(shell, script, tmp_path):
    path = script(f"touch '{tmp_path}/made'\n")
    seen = told(shell, "preview.sh", path, "false")
    assert f"  touch '{tmp_path}/made'\n" in seen.output
    assert "would not be run" in told(shell, "preview.sh", path, "true").output
    assert not (tmp_path / "made").exists()


def test_it_is_what_its_risk_says(tmp_path):
    assert (BOOK.risk, BOOK.ticket, BOOK.steps[0].kind, BOOK.steps[0].another) == ("R3", "required", "approve", True)


@pytest.mark.lab
def test_on_a_real_host_a_script_does_its_work_and_its_proof_tells(web1: Practice):
    web1.root("printf 'systemctl stop lab-web\\nid -un\\n' >/root/given")
    given = {"script": "/root/given", "proof": "! systemctl is-active --quiet lab-web"}
    done = web1.run("run-adhoc", "run.sh", **given)
    assert (done.code, done.changed) == (0, ("script was run and ended with 0",)), done.output
    assert "\n  root\n" in done.output
    assert web1.run("run-adhoc", "verify.sh", **given).code == 0
    again = web1.run("run-adhoc", "run.sh", **given)
    assert (again.code, again.changed) == (0, ())
    web1.root("systemctl start lab-web")
    assert web1.run("run-adhoc", "verify.sh", **given).why == "the proof does not hold: it ended with 1"
