"""How the program ends: numbers that scripts rely on."""

import errno
import io
import os
import subprocess
import sys

import pytest

from msp_ops.cli import exit_codes
from msp_ops.cli.main import main
from msp_ops.cli.talk import Voice
from msp_ops.domain import errors
from msp_ops.domain.outcome import Outcome

ENDS = {
    errors.FileError: 3,
    errors.PlanError: 2,
    errors.NotPermitted: 4,
    errors.HostBusy: 4,
    errors.Stopped: 4,
    errors.NotReached: 5,
    errors.LinkLost: 6,
    errors.NotSaved: 6,
    errors.Overtaken: 1,
    errors.TransportError: 1,
    errors.StoreError: 1,
    errors.MspOpsError: 1,
}


def ending(error, capsys):
    def program():
        raise error

    with pytest.raises(SystemExit) as end:
        main(program)
    return end.value.code, capsys.readouterr()


@pytest.mark.parametrize(("kind", "code"), ENDS.items(), ids=[kind.__name__ for kind in ENDS])
def test_an_error_ends_with_its_number_and_one_sentence(kind, code, capsys):
    assert ending(kind("web1 is asleep"), capsys) == (code, ("", "Error: web1 is asleep\n"))


def test_every_error_of_the_house_has_its_number_here():
    known = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.MspOpsError)}
    assert known == set(ENDS)


@pytest.mark.parametrize("kind", [errors.FileError, errors.PlanError])
def test_what_we_say_of_several_mistakes_keeps_its_lines(kind, capsys):
    _, told = ending(kind("a.yaml:1:1: no\na.yaml:2:1: n\x1bo"), capsys)
    assert told.err.splitlines() == ["Error: a.yaml:1:1: no", r"a.yaml:2:1: n\x1bo"]


@pytest.mark.parametrize("kind", [errors.NotReached, errors.LinkLost, errors.StoreError, errors.NotPermitted])
def test_what_a_host_may_have_said_stays_on_one_line(kind, capsys):
    _, told = ending(kind("web1 said: a\nacme/web2: ok"), capsys)
    assert told.err == "Error: web1 said: a\\nacme/web2: ok\n"


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 0),
        ([Outcome.SUCCEEDED, Outcome.SKIPPED], 0),
        ([Outcome.SUCCEEDED, Outcome.FAILED], 1),
        ([Outcome.DEFERRED, Outcome.SUCCEEDED], 4),
        ([Outcome.NOT_REACHED, Outcome.FAILED], 1),
        ([Outcome.FAILED, Outcome.UNKNOWN], 6),
        ([Outcome.SUCCEEDED, None], 6),
    ],
)
def test_what_recovery_found_ends_as_a_run_of_these_hosts_would(outcomes, code):
    assert exit_codes.of_hosts(outcomes) == code


def test_recovery_that_cannot_ask_says_why_and_ends_with_6(abandoned_run, msp_ops):
    done = msp_ops("recover", abandoned_run)
    assert done.returncode == 6
    assert "acme has no host a any more" in done.stdout


def test_a_defect_shows_where_it_happened_and_ends_with_70(capsys):
    code, told = ending(ZeroDivisionError("oh\x1b[2J\nacme/web2: ok"), capsys)
    assert code == 70
    assert told.out == ""
    assert "Traceback" in told.err
    assert r"ZeroDivisionError: oh\x1b[2J" in told.err
    assert "\nacme/web2" not in told.err
    assert "defect in msp-ops" in told.err


def test_ctrl_c_ends_with_130(capsys):
    assert ending(KeyboardInterrupt(), capsys) == (130, ("", ""))


@pytest.mark.parametrize(
    "words",
    [("runs", "list"), ("runs", "list", "--json"), ("runbooks", "show", "patch-linux"), ("store", "check")],
)
def test_a_reader_that_leaves_early_is_no_defect(words, msp_ops):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as nobody_reads:  # noqa: PTH123  # a descriptor, not a path
        done = msp_ops(*words, stdout=nobody_reads)
    assert done.returncode == 141
    assert "defect" not in done.stderr
    assert "Error" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_of_talk_that_leaves_early_is_no_defect_either(msp_ops):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as nobody_reads:  # noqa: PTH123  # a descriptor, not a path
        assert msp_ops("validate", stderr=nobody_reads).returncode == 141


def test_the_lines_that_were_wanted_arrive(msp_ops, sample):
    command = f"{sys.executable} -m msp_ops -w {sample} hosts list | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.startswith("host ")
    assert done.stderr == ""


def test_a_terminal_that_was_closed_ends_as_a_pipe_that_nobody_reads(tmp_path):
    class Closed(io.TextIOWrapper):
        def write(self, text):
            raise OSError(errno.EIO, "Input/output error")

    with (tmp_path / "terminal").open("wb") as raw, pytest.raises(SystemExit) as end:
        Voice(file=Closed(raw)).put("web1: ok")
    assert end.value.code == exit_codes.NOBODY_READS


def test_help_is_help_outside_of_a_workspace_too(tmp_path):
    words = [sys.executable, "-m", "msp_ops", "run", "--help"]
    environment = {**os.environ, "MSP_OPS_WORKSPACE": ""}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, "shows its parameters" in done.stdout) == (0, "", True)
