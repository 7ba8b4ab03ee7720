"""No secret that we were given leaves in an output, in whatever common spelling a tool prints it."""

import base64
import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from html import escape as html_escape
from shlex import quote
from urllib.parse import quote as url_quote
from urllib.parse import quote_plus

Redact = Callable[[bytes], bytes]
MASK = b"[secret]"
SHORTEST = 4  # shorter ones would mask ordinary text everywhere


def redactor(secrets: Iterable[str]) -> Redact:
    """A function that masks every spelling of every secret; longest first, so that no tail survives."""
    spellings = {spelling for secret in secrets if len(secret) >= SHORTEST for spelling in _spellings(secret)}

    @cache
    def pattern() -> re.Pattern[bytes]:
        """Worked out when something is found: it takes a private key's 7 ms, and hardly any output has a secret."""
        return re.compile(b"|".join(re.escape(one) for one in sorted(spellings, key=len, reverse=True)))

    def redact(output: bytes) -> bytes:
        return pattern().sub(MASK, output) if any(one in output for one in spellings) else output

    return redact


def _spellings(secret: str) -> set[bytes]:
    """Encoder list as in GitHub's actions/runner: plain, base64 at three shifts, hex, URL, JSON, shell, UTF-16."""
    raw = secret.encode()
    lines = [line.encode() for line in secret.splitlines() if len(line) >= SHORTEST]
    return {
        raw,
        *lines,
        raw.hex().encode(),
        raw.hex().upper().encode(),
        secret.encode("utf-16-le"),
        *_url_spellings(secret),
        html_escape(secret).encode(),
        secret.replace("'", "'\\''").encode(),
        repr(secret)[1:-1].encode(),
        json.dumps(secret)[1:-1].encode(),
        json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        quote(secret).strip("'").encode(),
        *_base64_shifts(raw),
        *_base64_shifts(secret.encode("utf-16-le")),
    }


def _url_spellings(secret: str) -> Iterable[bytes]:
    for spelled in (url_quote(secret, safe=""), url_quote(secret), quote_plus(secret)):
        yield spelled.encode()
        yield re.sub(r"%[0-9A-F]{2}", lambda escape: escape[0].lower(), spelled).encode()


def _base64_shifts(raw: bytes) -> Iterable[bytes]:
    """The part of the base64 that does not depend on what stands around it, for each of three alignments."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        start = (0, 2, 3)[shift]
        stop = len(encoded) - (0, 4, 4)[(len(raw) + shift) % 3]
        if stop - start >= SHORTEST:
            yield encoded[start:stop]
