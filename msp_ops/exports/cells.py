r"""Text in a spreadsheet: never a formula, never a sign that steers who looks at it, and otherwise as it is.

A cell that begins with `=`, `+`, `-` or `@` is a formula for a spreadsheet, also behind blanks and quotes that some
programs take away, and in the wide letters that others fold. An apostrophe before it makes it text (OWASP, "CSV
Injection"; ASVS 1.2.10). Numbers are written by us and stay numbers.
"""

import re

FORMULA = re.compile(
    r"""[\s"'\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe63\ufe62\ufe66\ufe6b\u2212]"""
)
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
STEERS = ("\t", "\r", "\n")


def plain_text(text: str) -> str:
    r"""Line breaks are `\n`, what no file can hold stands as its number."""
    return UNWRITABLE.sub(_number, text.replace("\r\n", "\n").replace("\r", "\n"))


def text_cell(text: str) -> str:
    """The text as a cell: plain, and a formula is none; at most one letter longer than the plain text."""
    plain = plain_text(text)
    return f"'{plain}" if FORMULA.match(plain) or plain.startswith(STEERS) else plain


def is_unchanged(text: str) -> bool:
    """Whether a name can be written as it is: one that must be the same elsewhere cannot get an apostrophe."""
    return text_cell(text) == text


def _number(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
