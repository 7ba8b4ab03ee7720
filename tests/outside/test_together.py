"""Endpoints are looked at together, and none of them can hold up the others for ever."""

import time
from datetime import timedelta
from threading import Event

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


def test_more_endpoints_than_fit_at_once_all_get_their_turn():
    many = [Endpoint(url=f"tcp://:{port}") for port in range(1, 41)]
    told = list(together(many, lambda endpoint: [("took", str(endpoint.parts.port))], timedelta(seconds=2)))
    assert [facts[1][1] for facts in told] == [str(port) for port in range(1, 41)]
