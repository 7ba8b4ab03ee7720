"""Ports as real listeners have them, and what happens where nobody can be asked."""

import errno
import socket

import pytest

from msp_ops.outside.base import TroubleError, UntoldError
from msp_ops.outside.wire import Place, _worst, resolve
from tests.outside.cast import looked, said
from tests.outside.servers import free_port, served, stay_silent

pytestmark = pytest.mark.wire
THERE = Place(name="a", address="a", port=22)


def test_an_open_port_finds_nothing_and_nothing_is_sent_to_it():
    heard = []
    with served(lambda wire: heard.append(wire.recv(100))) as port:
        seen = looked("tcp", f"tcp://:{port}")
    assert said(seen) == []
    assert heard == [b""]
    (latency,) = seen.measurements
    assert (latency.name, latency.unit) == (f"tcp_latency:tcp://:{port}", "ms")


def test_a_port_that_refuses_is_critical():
    port = free_port()
    assert said(looked("tcp", f"tcp://:{port}")) == [
        f"critical tcp://:{port}: 127.0.0.1 port {port} refuses connections"
    ]


def test_a_host_of_ipv6_is_looked_at():
    with served(stay_silent, socket.AF_INET6, "::1") as port:
        assert said(looked("tcp", f"tcp://:{port}", address="::1")) == []


def test_a_name_with_a_dead_first_address_is_reached_by_the_second():
    """localhost is ::1 and 127.0.0.1 on most machines; only one of them listens."""
    with served(stay_silent) as port:
        assert said(looked("tcp", f"tcp://localhost:{port}")) == []


def test_without_a_way_there_nothing_is_known():
    problem = _worst(THERE, [("2001:db8::1", OSError(errno.ENETUNREACH, "Network is unreachable"))])
    assert isinstance(problem, UntoldError)
    assert str(problem) == "this machine has no way there (2001:db8::1: Network is unreachable)"


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_a_machine_that_has_nothing_left_blames_nobody(code):
    assert isinstance(_worst(THERE, [("192.0.2.1", OSError(code, "nothing left"))]), UntoldError)


def test_one_way_that_ends_at_the_host_is_enough_to_know():
    ours = ("2001:db8::1", OSError(errno.ENETUNREACH, "Network is unreachable"))
    problem = _worst(THERE, [ours, ("192.0.2.1", ConnectionRefusedError())])
    assert isinstance(problem, TroubleError)
    assert str(problem) == "192.0.2.1 port 22 refuses connections"


@pytest.mark.parametrize(
    ("code", "kind"),
    [(socket.EAI_NONAME, TroubleError), (socket.EAI_AGAIN, UntoldError), (socket.EAI_FAIL, UntoldError)],
)
def test_a_name_that_does_not_exist_is_bad_and_one_that_nobody_can_say_is_unknown(code, kind):
    def answer(*_, **__):
        raise socket.gaierror(code, "as the resolver says it")

    with pytest.raises(kind):
        resolve("shop.acme.example", answer)


def test_a_host_without_such_endpoints_is_skipped_and_says_so():
    seen = looked("tls", "tcp://:22")
    assert (said(seen), seen.skipped) == ([], "no endpoint of web1 is for tls or https")
