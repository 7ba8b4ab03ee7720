"""What a host says of a parcel is read with distrust."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msp_ops.transports.base import Answer, Ended, Gone, Interrupted, NeverCommitted, Running
from msp_ops.transports.onhost.standing import read_standing


def read(said, exit_code=0, cut=0):
    return read_standing(Answer(exit_code=exit_code, output=said, cut=cut))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (b"never\n", NeverCommitted()),
        (b"gone\n", Gone()),
        (b"interrupted killed\n", Interrupted(why="killed")),
        (b"interrupted restarted\n", Interrupted(why="restarted")),
        (b"running 250\n", Running(silent_for=timedelta(seconds=2.5))),
        (b"ended 3 0 in-time 120\nx\n", Ended(answer=Answer(exit_code=3, output=b"x\n"), took=timedelta(seconds=1.2))),
        (b"ended - 0 cancelled -\n", Ended(answer=Answer(exit_code=None, output=b""), cancelled=True)),
    ],
)
def test_each_line_means_one_thing(said, meant):
    assert read(said) == meant


def test_a_script_that_ends_as_a_stopped_one_does_was_not_stopped():
    assert not read(b"ended 124 0 in-time 9\n").timed_out
    assert not read(b"ended 0 0 too-long 9\n").timed_out
    assert read(b"ended 124 0 too-long 9\n").timed_out


def test_what_the_wire_cut_counts_as_what_the_host_cut():
    assert read(b"ended 0 5 in-time 9\nabc", cut=7).answer.cut == 12


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"gone",
        b"Gone\n",
        b" gone\n",
        b"gone \n",
        b"ended 0\n",
        b"ended 256 0 in-time 1\n",
        b"ended -1 0 in-time 1\n",
        b"ended 0 0 in-time 99999999999\n",
        b"ended 0 0 early 1\n",
        "ended \u0663 0 in-time 1\n".encode(),
        b"running\n",
        b"running -1\n",
        b"running 99999999999\n",
        b"interrupted\n",
        b"sudo: a password is required\ngone\n",
    ],
)
def test_anything_else_is_no_answer(said):
    assert read(said) is None


@pytest.mark.parametrize("exit_code", [None, 1, 95])
def test_an_answer_that_did_not_end_well_is_no_answer(exit_code):
    assert read(b"gone\n", exit_code) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(said):
    read(said)
    read(b"ended " + said)
    read(b"running " + said)
