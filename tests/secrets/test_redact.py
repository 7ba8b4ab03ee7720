"""No spelling of a secret survives."""

import base64
import json
import shlex
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


def test_ordinary_text_is_left_alone():
    assert redactor(["abc"])(b"abcdef abc") == b"abcdef abc"


@given(st.text(min_size=4, max_size=30), st.binary(max_size=40), st.binary(max_size=40))
def test_the_secret_itself_never_survives(secret, before, after):
    raw = secret.encode("utf-8", "ignore")
    if len(raw) < 4 or raw != secret.encode("utf-8", "replace") or raw in b"[secret]":
        return
    assert raw not in redactor([secret])(before + raw + after).replace(b"[secret]", b"\0")
