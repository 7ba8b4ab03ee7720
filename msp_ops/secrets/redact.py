"""No secret that we were given leaves in an output, in whatever common spelling a tool prints it."""

import base64
import json
import re
from collections.abc import Callable, Collection, Iterable
from functools import cache
from html import escape as html_escape
from shlex import quote
from urllib.parse import quote as url_quote
from urllib.parse import quote_plus

Redact = Callable[[bytes], bytes]
MASK = b"[secret]"
SHORTEST = 4  # shorter ones would mask ordinary text everywhere
FOLDED = 40  # longer ones are broken into lines by base64, xxd and openssl
LAST = 4  # signs of base64 that stand for three bytes together
TELLING = 16 + LAST  # so many signs of an encoded secret on one line are no chance
SPACE = b" \t\r\n"


def redactor(secrets: Iterable[str]) -> Redact:
    """A function that masks every spelling of every secret; longest first, so that no tail survives."""
    known = [secret for secret in secrets if len(secret) >= SHORTEST]
    spellings = {spelling for secret in known for spelling in _spellings(secret)}
    folded = {one for secret in known for one in _folded(secret) if len(one) > FOLDED}
    long = sorted(folded, key=len, reverse=True)

    @cache
    def pattern() -> re.Pattern[bytes]:
        """Worked out when something is found: it takes a private key's 7 ms, and hardly any output has a secret."""
        return re.compile(b"|".join(re.escape(one) for one in sorted(spellings, key=len, reverse=True)))

    @cache
    def unfolded() -> re.Pattern[bytes]:
        return re.compile(b"|".join(rb"\s*".join(re.escape(bytes([sign])) for sign in one) for one in long))

    def redact(output: bytes) -> bytes:
        joined = output.translate(None, SPACE) if b"\n" in output else b""
        if any(one in joined for one in long):
            output = unfolded().sub(MASK, output)  # first: of what is masked in parts the rest is not known any more
        if any(one in output for one in spellings):
            output = pattern().sub(MASK, output)
        return _without_parts(output, long)

    return redact


def _without_parts(output: bytes, long: Collection[bytes]) -> bytes:
    """Lines that are a part of one of these: a secret that is broken into lines may come line by line.

    The last signs of base64 depend on what comes after the secret.
    """

    def is_part(line: bytes) -> bool:
        said = line.translate(None, SPACE)
        return len(said) >= TELLING and any(said[:-LAST] in one for one in long)

    if len(output) < TELLING or not long:
        return output
    return b"".join(_masked(line) if is_part(line) else line for line in output.splitlines(keepends=True))


def _masked(line: bytes) -> bytes:
    return MASK + line[len(line.rstrip(SPACE)) :]


def _folded(secret: str) -> Iterable[bytes]:
    """What programs break into lines, without the space in it."""
    raw = secret.encode()
    yield from (raw.translate(None, SPACE), raw.hex().encode(), raw.hex().upper().encode(), *_base64_shifts(raw))


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
        *_shell_spellings(secret),
        repr(secret)[1:-1].encode(),
        json.dumps(secret)[1:-1].encode(),
        json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        *_base64_shifts(raw),
        *_base64_shifts(secret.encode("utf-16-le")),
    }


def _shell_spellings(secret: str) -> Iterable[bytes]:
    """As shells repeat a word: `set -x` and `set` of dash and bash, `printf %q` and `declare -p` of bash."""
    for text in (secret, *(line for line in secret.splitlines() if len(line) >= SHORTEST)):
        yield text.replace("'", "'\\''").encode()
        yield quote(text).strip("'").encode()
        yield re.sub(r"[] !\"$&'()*,;<>?[\\^`{|}]", r"\\\g<0>", text).encode()
        yield re.sub(r'["$`\\]', r"\\\g<0>", text).encode()


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
