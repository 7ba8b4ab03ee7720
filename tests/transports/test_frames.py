"""What is the answer's and what is the login shell's, whatever the chunks."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from msp_ops.transports.frames import Frames


def feed(chunks):
    frames = Frames(nonce="abc", tag="tag")
    return b"".join(frames.feed(chunk) for chunk in chunks), frames


def test_noise_before_the_answer_is_kept_apart():
    answer, frames = feed([b"W\xe9lcome\n\x1etag ready\x1e\x1eabc begin\x1ehi\x1eabc end 3\x1e"])
    assert (answer, frames.exit_code, frames.noise) == (b"hi", 3, b"W\xe9lcome\n")


def test_a_frame_of_another_question_is_part_of_the_answer():
    answer, frames = feed([b"\x1eabc begin\x1e\x1eabd end 0\x1e\x1eabc end 1\x1e"])
    assert (answer, frames.exit_code) == (b"\x1eabd end 0\x1e", 1)


def test_what_looks_like_a_frame_takes_no_true_one_along():
    answer, frames = feed([b"\x1eabc begin\x1ehi\x1eabd end 0\x1eabc end 1\x1e"])
    assert (answer, frames.exit_code) == (b"hi\x1eabd end 0", 1)


def test_without_an_end_there_is_no_exit_code():
    assert feed([b"\x1eabc begin\x1eall good\n"])[1].exit_code is None


@given(st.binary(max_size=60), st.lists(st.integers(0, 120), max_size=8))
def test_the_answer_is_the_same_however_it_is_cut(body, cuts):
    if b"\x1eabc " in body:
        return
    whole = b"noise\x1eabc begin\x1e" + body[:20] + b"\x1eabc tick\x1e" + body[20:] + b"\x1eabc end 0\x1e"
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    answer, frames = feed([whole[a:b] for a, b in pairwise(edges)])
    assert (answer, frames.exit_code) == (body, 0)
