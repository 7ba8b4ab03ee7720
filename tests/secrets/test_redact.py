"""No spelling of a secret survives."""

import base64
import json
import os
import shlex
import subprocess
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msp_ops.secrets.redact import redactor

SECRETS = ["hunter2-hunter2", 'quo"te$ %and\\back', "pässwörd-ünï", "two\nlines-of-it"]


@pytest.mark.parametrize("secret", SECRETS)
def test_every_common_spelling_is_masked(secret):
    redact = redactor([secret])
    raw = secret.encode()
    spellings = [
        raw,
        base64.b64encode(raw),
        base64.b64encode(b"x" + raw + b"y"),
        base64.b64encode(b"xy" + raw + b"zz"),
        base64.b64encode(secret.encode("utf-16-le")),
        raw.hex().encode(),
        quote(secret, safe="").encode(),
        json.dumps(secret).encode(),
        shlex.quote(secret).encode(),
    ]
    for spelling in spellings:
        assert b"[secret]" in redact(b"before " + spelling + b" after"), spelling


SHELLS = (["dash"], ["bash"], ["busybox", "sh"])
REPEATS = (
    'set -x; : "$word"',
    "set -x; other=$word",
    "set | grep -a ^word=",
    "printf '%q\\n' \"$word\"",
    "declare -p word",
)


@pytest.mark.parametrize("secret", ["S3cr3t-Value!x", 'it\'s a $ecret "x" y', "p a&ss*w(o)rd", "pässwörd&<>`\\\\"])
@pytest.mark.parametrize("shell", SHELLS, ids=lambda argv: argv[0])
def test_no_shell_repeats_a_secret_in_a_spelling_of_its_own(secret, shell):
    for repeat in REPEATS:
        script = f"word={shlex.quote(secret)}\n{repeat}\n"
        done = subprocess.run(
            [*shell, "-c", script], capture_output=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}
        )
        said = redactor([secret])(done.stdout + done.stderr)
        unknown_there = b"not found" in said or b"nvalid directive" in said or b"invalid format" in said
        assert b"[secret]" in said or unknown_there or not said.strip(), (repeat, said)
        assert secret[:6].encode() not in said, (repeat, said)


KEY = "-----BEGIN KEY-----\n" + "".join(f"{'AbCdEf+/' * 7}{n:08}\n" for n in range(9)) + "-----END KEY-----\n"
FOLDS = ("base64", "base64 -w 64", "xxd -p", "od -An -v -tx1", "tr -d '\\n' | fold -w 40")


@pytest.mark.parametrize("secret", [KEY, "a-token-of-" + "ghp_0123456789" * 6], ids=["key", "token"])
@pytest.mark.parametrize("fold", FOLDS)
def test_a_long_secret_that_is_broken_into_lines_is_masked_as_a_whole_and_line_by_line(secret, fold):
    said = b"it is:\n" + folded(fold, secret) + b"that was it\n"
    whole = redactor([secret])(said)
    assert whole.removeprefix(b"it is:\n").lstrip().startswith(b"[secret]")
    assert whole.endswith(b"that was it\n")
    assert len(whole) < 80, whole
    by_line = [redactor([secret])(line) for line in said.split(b"\n")]
    assert len(b"".join(each for each in by_line[1:-2] if each != b"[secret]")) < 40, by_line


def test_what_stands_before_a_long_secret_does_not_hide_it():
    said = redactor([KEY])(folded("base64", f"user:{KEY}:more"))
    assert said.startswith(b"dXNlcj")
    assert len(said.replace(b"[secret]", b"")) < 24, said


def folded(fold, secret):
    return subprocess.run(["sh", "-c", fold], input=secret.encode(), capture_output=True, check=True).stdout


def test_ordinary_text_is_left_alone():
    assert redactor(["abc"])(b"abcdef abc") == b"abcdef abc"


@given(st.text(min_size=4, max_size=30), st.binary(max_size=40), st.binary(max_size=40))
def test_the_secret_itself_never_survives(secret, before, after):
    raw = secret.encode("utf-8", "ignore")
    if len(raw) < 4 or raw != secret.encode("utf-8", "replace") or raw in b"[secret]":
        return
    assert raw not in redactor([secret])(before + raw + after).replace(b"[secret]", b"\0")
