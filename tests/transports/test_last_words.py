import pytest

from msp_ops.secrets.redact import redactor
from msp_ops.transports.last_words import last_words

SECRET = "tr0ub4dor-and-3"
MASKED = redactor([SECRET])


@pytest.mark.parametrize("before", range(280, 310))
def test_no_half_of_a_secret_is_left_for_who_masks(before):
    said = f"first\n{SECRET}{'x' * before}\nlast line".encode()
    for cut in (said, said[3:]):
        left = MASKED(last_words(cut).encode())
        assert not any(SECRET[-length:].encode() in left for length in range(4, len(SECRET)))
        assert left.endswith(b"last line")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", ""),
        (b"  no\n", "no"),
        (b"x" * 300, "x" * 300),
        (b"x" * 301, "a line of more than 300 bytes"),
        (b"y" * 400 + b"\nthe end\n", "the end"),
        (b"y\n" + b"x" * 300, "x" * 300),
    ],
)
def test_whole_lines_or_that_there_was_one(said, words):
    assert last_words(said) == words
