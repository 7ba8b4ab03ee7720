"""Pages as real HTTP servers serve them."""

import time
from datetime import timedelta

import pytest

from msp_ops.domain.endpoint import Endpoint
from tests.outside.authority import Authority
from tests.outside.cast import looked, said
from tests.outside.servers import free_port, pages, served, with_tls

pytestmark = pytest.mark.wire
FINE = ("200 OK", {}, b"all is well")


def look_at(answers, path="/", requests=None, **expected):
    with served(pages(answers, requests)) as port:
        return looked("http", Endpoint(url=f"http://127.0.0.1:{port}{path}", **expected)), port


def test_a_page_that_answers_finds_nothing_and_measures_how_long_it_took():
    seen, port = look_at({"/health?full": FINE}, "/health?full", text="all is well")
    assert said(seen) == []
    (latency,) = seen.measurements
    assert (latency.name, latency.unit) == (f"http_latency:http://127.0.0.1:{port}/health?full", "ms")
    assert 0 < latency.value < 3000


def test_a_page_that_fails_is_critical():
    seen, port = look_at({"/": ("502 Bad Gateway", {}, b"")})
    assert said(seen) == [f"critical http://127.0.0.1:{port}/: answers with 502, expected is 2xx"]


def test_the_status_that_is_expected_decides():
    assert said(look_at({"/": ("401 Unauthorized", {}, b"")}, status=401)[0]) == []
    (found,) = said(look_at({"/": FINE}, status=401)[0])
    assert "answers with 200, expected is 401" in found


def test_a_page_without_its_text_is_critical():
    (found,) = said(look_at({"/": ("200 OK", {}, b"Error establishing a database connection")}, text="Welcome")[0])
    assert found.startswith("critical")
    assert "the page lacks the text that is expected: Welcome" in found


def test_a_page_that_breaks_off_in_the_middle_is_no_page():
    def speak(wire):
        wire.recv(4096)
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it")

    with served(speak) as port:
        (found,) = said(looked("http", f"http://127.0.0.1:{port}/"))
    assert found.endswith(": breaks its page off after 10 bytes")


def test_a_redirect_of_the_same_host_is_followed():
    answers = {
        "/": ("301 Moved", {"Location": "/in"}, b""),
        "/in": ("302 Found", {"Location": "in2"}, b""),
        "/in2": FINE,
    }
    assert said(look_at(answers, text="all is well")[0]) == []


def test_a_redirect_to_another_host_is_told_and_never_followed():
    asked = []
    with served(pages({"/": FINE}, asked)) as elsewhere:
        target = f"http://localhost:{elsewhere}/"
        (found,) = said(look_at({"/": ("302 Found", {"Location": target}, b"")})[0])
    assert found.startswith("warning")
    assert f"redirects to {target}, which is another host" in found
    assert asked == []


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/", "http://user:pw@127.0.0.1/", "https://[::1", "//evil.example/"])
def test_a_redirect_to_nowhere_good_is_not_followed(target):
    (found,) = said(look_at({"/": ("302 Found", {"Location": target}, b"")})[0])
    assert "it was not followed" in found


def test_a_redirect_that_is_expected_is_not_followed():
    asked = []
    seen, _ = look_at({"/": ("301 Moved", {"Location": "/in"}, b"")}, requests=asked, status=301)
    assert said(seen) == []
    assert len(asked) == 1


def test_a_circle_of_redirects_ends():
    asked = []
    (found,) = said(look_at({"/": ("302 Found", {"Location": "/"}, b"")}, requests=asked)[0])
    assert "redirects more than 5 times" in found
    assert len(asked) == 6


def test_nothing_that_could_be_a_credential_is_sent(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("default login ops password hunter2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", f"http://ops:hunter2@127.0.0.1:{free_port()}")
    asked = []
    answers = {"/": ("302 Found", {"Location": "/in", "Set-Cookie": "session=1"}, b""), "/in": FINE}
    seen, port = look_at(answers, requests=asked)
    assert said(seen) == []
    allowed = {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    for request in asked:
        head = request.strip().split("\r\n")
        assert {line.partition(":")[0] for line in head[1:]} == allowed
        assert f"Host: 127.0.0.1:{port}" in head


def test_nobody_there_is_critical():
    port = free_port()
    (found,) = said(looked("http", f"http://127.0.0.1:{port}/"))
    assert found == f"critical http://127.0.0.1:{port}/: 127.0.0.1 port {port} refuses connections"


def test_something_that_is_no_http_is_found():
    with served(lambda wire: wire.sendall(b"220 mail ESMTP\r\n")) as port:
        (found,) = said(looked("http", f"http://127.0.0.1:{port}/"))
    assert "something that is no HTTP (BadStatusLine)" in found


@pytest.mark.parametrize("drip", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_server_that_drips_is_not_waited_for(drip):
    def handle(wire):
        wire.sendall(drip)
        for _ in range(100):
            wire.sendall(b"x")
            time.sleep(0.1)

    began = time.monotonic()
    with served(handle) as port:
        (found,) = said(looked("http", f"http://127.0.0.1:{port}/", timeout=timedelta(seconds=1)))
        assert time.monotonic() - began < 4
    assert "does not answer in time" in found


def test_a_page_without_an_end_is_read_no_further_than_a_mebibyte():
    sent = []

    def handle(wire):
        wire.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            wire.sendall(b"x" * 65536)
            sent.append(65536)

    with served(handle) as port:
        assert said(looked("http", f"http://127.0.0.1:{port}/")) == []
    assert sum(sent) < 64 * 1024 * 1024


def test_many_slow_endpoints_cost_the_time_of_one():
    def handle(wire):
        wire.recv(4096)
        time.sleep(0.7)
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with served(handle) as one, served(handle) as two, served(handle) as three:
        began = time.monotonic()
        assert said(looked("http", *(f"http://127.0.0.1:{port}/" for port in (one, two, three)))) == []
    assert time.monotonic() - began < 1.9


def test_the_one_that_answers_is_told_beside_the_one_that_does_not():
    port = free_port()
    with served(pages({"/": FINE})) as fine:
        seen = looked("http", f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{fine}/")
    assert len(said(seen)) == 1
    assert [each.name for each in seen.measurements] == [f"http_latency:http://127.0.0.1:{fine}/"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def look_at_safely(authority, pem, *, answers, text=None, trusting=True):
    with served(with_tls(pem, pages(answers))) as port:
        endpoint = Endpoint(url=f"https://shop.acme.example:{port}/", at="127.0.0.1", text=text)
        ca_file = authority.path.name if trusting else None
        return looked("http", endpoint, workspace=authority.path.parent, ca_file=ca_file)


def test_a_page_behind_a_sound_certificate_is_read(authority):
    pem = authority.issue("sound.pem", "shop.acme.example")
    assert said(look_at_safely(authority, pem, answers={"/": FINE}, text="all is well")) == []


def test_behind_a_certificate_that_is_refused_nothing_is_read(authority):
    pem = authority.issue("other.pem", "other.acme.example")
    (found,) = said(look_at_safely(authority, pem, answers={"/": FINE}))
    assert found.startswith("warning")
    assert "its certificate is refused: Hostname mismatch" in found


def test_an_authority_of_the_clients_own_is_trusted_only_when_it_is_named(authority):
    pem = authority.issue("own.pem", "shop.acme.example")
    (found,) = said(look_at_safely(authority, pem, answers={"/": FINE}, trusting=False))
    assert "its certificate is refused: unable to get local issuer certificate" in found


def test_a_way_back_to_plain_http_is_not_followed(authority):
    pem = authority.issue("back.pem", "shop.acme.example")
    answers = {"/": ("302 Found", {"Location": "http://shop.acme.example/"}, b"")}
    (found,) = said(look_at_safely(authority, pem, answers=answers))
    assert "which is another host or plain http" in found


@pytest.mark.parametrize("size", ["-5", "-1", "7fffffffffffffff"])
def test_a_page_in_chunks_of_a_size_that_is_none_is_no_http_and_fills_no_memory(size):
    """To Python -1 means all that comes."""
    sent = []

    def speak(wire):
        wire.recv(4096)
        wire.sendall(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n".encode())
        for _ in range(64):
            wire.sendall(bytes(1024 * 1024))
            sent.append(1)

    with served(speak) as port:
        found = said(looked("http", f"http://127.0.0.1:{port}/"))
    assert len(sent) < 32
    if size.startswith("-"):
        assert "answers with something that is no HTTP" in found[0]


def test_headers_that_never_end_fill_no_memory():
    sent = []

    def speak(wire):
        wire.recv(4096)
        for _ in range(640):
            wire.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 4096)
            sent.append(1)

    with served(speak) as port:
        (found,) = said(looked("http", f"http://127.0.0.1:{port}/"))
    assert "no HTTP" in found
    assert len(sent) < 320
