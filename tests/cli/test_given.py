"""Secrets and files as options: a reference is shown, a secret itself is refused and shown nowhere."""

import json

import pytest

from tests.files.cast import SCRIPT, write

BOOK = """\
title: Set a password
activity: break/fix
impact: changes
parameters:
  password: {kind: secret, title: The new password}
  config: {kind: file, title: The new configuration}
steps: [{script: act.sh}]
verify: [{script: prove.sh}]
client_sentence: Set a password.
"""
OPTIONS = ("--password", "env:NEW_PASSWORD", "--config", "site.conf")


@pytest.fixture(autouse=True)
def book(sample):
    folder = sample / "runbooks" / "set-password"
    write(folder / "runbook.yaml", BOOK)
    for name in ("act.sh", "prove.sh"):
        write(folder / name, SCRIPT)
    write(sample / "site.conf", "listen 443\n")


def test_the_options_say_what_is_wanted(msp_ops):
    told = msp_ops("run", "set-password", "--help").stdout
    assert "env:NAME|file:PATH" in told
    assert "FILE" in told
    assert told.count("[required]") >= 2


def test_the_plan_has_the_reference_and_the_digest(msp_ops):
    plan = msp_ops("run", "set-password", "acme/web1", *OPTIONS, "--check").stderr
    assert "password = env:NEW_PASSWORD" in plan
    assert "config = site.conf (sha256 " in plan
    whole = msp_ops("run", "set-password", "acme/web1", *OPTIONS, "--check", "--json").stdout
    told = json.loads(whole)["plan"]
    assert told["parameters"] == {"password": "env:NEW_PASSWORD", "config": "site.conf"}
    assert told["secrets"] == ["password"]


@pytest.mark.parametrize("given", ["hunter22", "-hunter22", "vault:hunter22", "file:\nhunter22"])
def test_a_secret_itself_is_refused_and_shown_nowhere(msp_ops, sample, given):
    done = msp_ops(
        "run", "set-password", "acme/web1", f"--password={given}", "--config", "site.conf", "-t", "T-1", "-y"
    )
    assert done.returncode == 2
    assert "password: what was given is no reference to a secret" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter" not in done.stdout + done.stderr
    assert not any(b"hunter" in path.read_bytes() for path in (sample / ".state").rglob("*") if path.is_file())


def test_a_file_that_is_not_there_is_told(msp_ops):
    done = msp_ops("run", "set-password", "acme/web1", *OPTIONS[:3], "gone.conf", "-t", "T-1", "-y")
    assert (done.returncode, "gone.conf cannot be read: No such file" in done.stderr) == (2, True)


def test_a_secret_that_is_not_set_is_told_before_any_host_is_asked(msp_ops):
    done = msp_ops("run", "set-password", "acme/web1", *OPTIONS, "-t", "T-1", "-y")
    assert (done.returncode, "password: the secret env:NEW_PASSWORD is not set" in done.stderr) == (3, True)
    assert "set-password" not in msp_ops("runs", "list", "acme").stdout
