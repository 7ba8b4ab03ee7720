"""Endpoints are looked at together, and none of them can hold up the others for ever."""

import subprocess
import sys
import time
from datetime import timedelta
from threading import Event

import pytest

from msp_ops.domain.endpoint import Endpoint
from msp_ops.outside.look import together

FAST, STUCK = Endpoint(url="tcp://:22"), Endpoint(url="tcp://stuck.acme.example:22")


def test_a_resolver_that_never_answers_is_untold_and_left_behind():
    over = Event()

    def look(endpoint):
        if endpoint is STUCK:
            over.wait(20)
        return [("took", "0.1")]

    began = time.monotonic()
    try:
        told = list(together([STUCK, FAST], look, timedelta(seconds=0.3)))
    finally:
        over.set()
    assert time.monotonic() - began < 5
    assert told == [
        [("url", STUCK.url), ("untold", "its name took too long")],
        [("url", FAST.url), ("took", "0.1")],
    ]


def test_the_end_of_the_program_waits_for_nobody():
    program = (
        "from datetime import timedelta; from threading import Event\n"
        "from msp_ops.domain.endpoint import Endpoint; from msp_ops.outside.look import together\n"
        "stuck = [Endpoint(url=f'tcp://:{port}') for port in range(1, 20)]\n"
        "told = list(together(stuck, lambda _: Event().wait(60), timedelta(seconds=0.2)))\n"
        "print(len(told), told[0][1][1], '|', told[-1][1][1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "19 its name took too long | its turn did not come: other names took too long\n"


def test_a_defect_in_a_look_is_raised_and_not_lost():
    def look(endpoint):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(together([FAST], look, timedelta(seconds=5)))


def test_more_endpoints_than_fit_at_once_all_get_their_turn():
    many = [Endpoint(url=f"tcp://:{port}") for port in range(1, 41)]
    told = list(together(many, lambda endpoint: [("took", str(endpoint.parts.port))], timedelta(seconds=2)))
    assert [facts[1][1] for facts in told] == [str(port) for port in range(1, 41)]
