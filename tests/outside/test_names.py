"""Names as a real DNS server (of a few lines) gives them."""

import os
import resource
import socket
import struct
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import pytest

from msp_ops.checks.base import Seen
from msp_ops.checks.table import CHECKS
from msp_ops.domain.client import Policy
from msp_ops.domain.endpoint import Endpoint
from msp_ops.outside.base import UntoldError, written
from msp_ops.outside.datagram import question, read_answer
from msp_ops.outside.names import look_at_name
from msp_ops.outside.wire import Deadline
from tests.outside.authority import NOW
from tests.outside.cast import looked, said
from tests.outside.servers import free_port, names, names_by_tcp, served

pytestmark = pytest.mark.wire
NAME = "shop.acme.example"
NO_WAY = "255.255.255.255"  # no socket may send to everybody that was not told that it may


def ask(port, *servers, addresses=(), seconds=3):
    endpoint = Endpoint(url=f"dns://{NAME}", addresses=addresses, servers=servers or ("127.0.0.1",))
    facts = look_at_name(endpoint, Deadline(timedelta(seconds=seconds)), port)
    text = written([[("url", endpoint.shown), *facts]])
    return CHECKS["dns"].read(Seen(output=text, exit_code=0, parameters={}, policy=Policy(), at=NOW))


def dns(*given, **changes):
    return served(names(*given, **changes), kind=socket.SOCK_DGRAM)


@contextmanager
def no_more_files():
    """As many as are open now, and not one more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    probe = os.open(os.devnull, os.O_RDONLY)
    os.close(probe)
    resource.setrlimit(resource.RLIMIT_NOFILE, (probe, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_name_with_the_expected_addresses_finds_nothing():
    with dns(["203.0.113.7", "2001:db8::7"]) as port:
        assert said(ask(port, addresses=("2001:db8::7", "203.0.113.7"))) == []


def test_without_expected_addresses_any_will_do():
    with dns(["203.0.113.7"]) as port:
        seen = ask(port)
    assert said(seen) == []
    assert seen.measurements[0].name == f"dns_latency:dns://{NAME}"


@pytest.mark.parametrize("got", [["203.0.113.66"], ["203.0.113.7", "203.0.113.66"]])
def test_a_name_that_leads_elsewhere_is_critical(got):
    with dns(got) as port:
        (found,) = said(ask(port, addresses=("203.0.113.7",)))
    assert found == f"critical dns://{NAME}: expected 203.0.113.7: 127.0.0.1 says {', '.join(sorted(got))}"


@pytest.mark.parametrize(("code", "word"), [(3, "NXDOMAIN"), (2, "SERVFAIL"), (5, "REFUSED"), (11, "code 11")])
def test_a_server_that_does_not_know_the_name_is_critical(code, word):
    with dns([], code) as port:
        assert said(ask(port)) == [f"critical dns://{NAME}: 127.0.0.1: {word}"]


def test_a_name_without_addresses_is_critical():
    with dns([]) as port:
        assert said(ask(port)) == [f"critical dns://{NAME}: 127.0.0.1: no address"]


def test_a_name_that_nobody_could_be_asked_for_is_unknown_and_never_bad():
    with pytest.raises(
        UntoldError, match=r"nobody could be asked for shop\.acme\.example: 127\.0\.0\.1: nobody listens"
    ):
        ask(free_port())


def test_a_silent_server_is_told_apart_from_a_missing_name():
    with dns([], mute=True) as port, pytest.raises(UntoldError, match="does not answer"):
        ask(port, seconds=1)


def test_one_of_two_servers_that_is_silent_is_a_warning():
    with dns(["203.0.113.7"]) as port:
        (found,) = said(ask(port, "127.0.0.1", "127.0.0.2"))
    assert found == f"warning dns://{NAME}: a server says nothing: 127.0.0.2: nobody listens there"


def test_a_silent_server_takes_no_time_from_the_others():
    with dns(["203.0.113.7"]) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.2", port))
        (found,) = said(ask(port, "127.0.0.2", "127.0.0.1", seconds=1))
    assert found == f"warning dns://{NAME}: a server says nothing: 127.0.0.2: does not answer"


def test_our_own_resolver_knows_localhost():
    seen = looked("dns", "dns://localhost")
    assert (said(seen), seen.untold) == ([], "")


def answer_to(number, body, flags=0x8180, records=0):
    return struct.pack("!6H", number, flags, 1, records, 0, 0) + body


ASKED = question(7, NAME, 1)[12:]
RECORD = b"\xc0\x0c" + struct.pack("!2HIH", 1, 1, 60, 4)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0" * 11,
        answer_to(8, ASKED),
        answer_to(7, question(7, "evil.acme.example", 1)[12:]),
        answer_to(7, ASKED, flags=0x0100),
        answer_to(7, ASKED + b"\xc0", records=1),
        answer_to(7, ASKED + RECORD + b"\x01", records=1),
        answer_to(7, ASKED + RECORD[:5], records=60_000),
        answer_to(7, ASKED + b"\x3f" * 200, records=3),
    ],
)
def test_a_packet_that_does_not_answer_the_question_is_no_answer(packet):
    assert read_answer(packet, 7, NAME, 1) is None


def test_an_answer_that_was_cut_is_not_taken_for_a_whole_one():
    said_ = read_answer(answer_to(7, ASKED, flags=0x8380), 7, NAME, 1)
    assert said_
    assert said_.cut


MANY = [f"203.0.113.{number}" for number in range(1, 101)]


@contextmanager
def too_long(by_tcp):
    """Its answers fit in no datagram."""
    with served(by_tcp) as port, served(names([], cut=True), kind=socket.SOCK_DGRAM, port=port):
        yield port


def test_an_answer_that_is_too_long_for_a_datagram_is_asked_for_again_by_tcp():
    with too_long(names_by_tcp(MANY)) as port:
        assert said(ask(port, addresses=tuple(MANY))) == []
        (found,) = said(ask(port, addresses=tuple(MANY[:-1])))
    assert found.startswith(f"critical dns://{NAME}: expected 203.0.113.1, ")


def test_what_a_server_refuses_by_tcp_is_its_word():
    with too_long(names_by_tcp([], 5)) as port:
        assert said(ask(port)) == [f"critical dns://{NAME}: 127.0.0.1: REFUSED"]


@pytest.mark.parametrize(
    ("by_tcp", "says"),
    [
        (names_by_tcp(MANY, most=0), "makes no sense"),
        (names_by_tcp(MANY, most=1), "makes no sense"),
        (names_by_tcp(MANY, most=40), "makes no sense"),
        (names_by_tcp(MANY, 0x0200), "makes no sense"),
        (None, "refuses connections"),
    ],
)
def test_a_server_whose_long_answer_does_not_come_is_no_refusal(by_tcp, says):
    words = f"too long for a datagram, and by TCP (it )?{says}"
    with (
        dns([], cut=True) as port,
        served(by_tcp, port=port) if by_tcp else nullcontext(),
        pytest.raises(UntoldError, match=words),
    ):
        ask(port)


def test_addresses_beyond_what_a_line_holds_still_count():
    """Each half of them alone looks the same in a line that was cut."""
    with dns(MANY[:30]) as port:
        assert said(ask(port, addresses=tuple(MANY[:30]))) == []
        assert len(said(ask(port, addresses=tuple(MANY[:31])))) == 1


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "b" * 300 + ".example", "a..example", ".".join(["abc"] * 80)])
def test_what_cannot_be_a_name_is_told_and_not_asked(name):
    reading = looked("dns", Endpoint(url=f"dns://{name}", servers=("127.0.0.1",)))
    (found,) = reading.findings
    assert (found.severity, "cannot be a name" in found.message or len(name) > 150) == ("critical", True)


def test_a_server_to_which_this_machine_has_no_way_is_unknown_and_the_others_decide():
    with dns(["203.0.113.7"]) as port:
        reading = ask(port, "127.0.0.1", NO_WAY)
        assert (said(reading), reading.unjudged) == ([], (f"dns://{NAME}",))
        assert reading.untold.startswith(f"dns://{NAME}: this machine has no way to {NO_WAY}: ")
        reading = ask(port, "127.0.0.1", NO_WAY, addresses=("203.0.113.8",))
        assert [each.severity for each in reading.findings] == ["critical"]
    with pytest.raises(UntoldError, match="nobody could be asked"):
        ask(port, NO_WAY)


def test_a_machine_that_has_no_sockets_left_knows_nothing_of_the_name():
    with dns(["203.0.113.7"]) as port, no_more_files(), pytest.raises(UntoldError, match="Too many open files"):
        ask(port)
