"""Certificates as real TLS servers show them."""

import re
import socket
import ssl
from datetime import timedelta

import pytest

from msp_ops.domain.endpoint import Endpoint
from msp_ops.outside.certificate import bears
from tests.outside.authority import Authority
from tests.outside.cast import looked, said
from tests.outside.servers import free_port, served, with_tls

pytestmark = pytest.mark.wire
NAME = "shop.acme.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def look_at(authority, pem, name=NAME, *, trusting=True, **server):
    with served(with_tls(pem, **server)) as port:
        endpoint = Endpoint(url=f"tls://{name}:{port}", at="127.0.0.1")
        ca_file = authority.path.name if trusting else None
        return looked("tls", endpoint, workspace=authority.path.parent, ca_file=ca_file)


def test_a_sound_certificate_finds_nothing_and_measures_its_days(authority):
    seen = look_at(authority, authority.issue("sound.pem", NAME))
    assert said(seen) == []
    days, latency = seen.measurements
    assert (days.name.partition(":")[0], days.unit) == ("tls_days_left", "days")
    assert days.value in {89, 90}
    assert latency.name.startswith("tls_latency:tls://")


def test_an_authority_that_nobody_named_is_not_trusted(authority):
    (found,) = said(look_at(authority, authority.issue("sound2.pem", NAME), trusting=False))
    assert found.startswith("critical")
    assert "is not trusted: unable to get local issuer certificate" in found


def test_an_expired_certificate_is_critical_and_says_nothing_else(authority):
    (found,) = said(look_at(authority, authority.issue("expired.pem", NAME, begins=-90, ends=-3)))
    assert found.startswith("critical")
    assert "its certificate expired 3 days ago, on " in found
    assert "trusted" not in found


def test_a_year_with_three_digits_is_a_year(authority):
    pem = authority.issue("ancient.pem", NAME, begins=-1, ends=365 * 930)
    certificate, key = re.findall(rb"-+BEGIN.*?-+END [A-Z ]+-+\n", pem.read_bytes(), re.DOTALL)
    der = ssl.PEM_cert_to_DER_cert(certificate.decode())
    year = re.search(rb"\x18\x0f(\d{4})", der)[1]
    ancient = der.replace(b"\x18\x0f" + year, b"\x18\x0f0999")
    pem.write_bytes(ssl.DER_cert_to_PEM_cert(ancient).encode() + key)
    (found,) = said(look_at(authority, pem))
    assert "its certificate expired 3" in found
    assert ", on 0999-" in found


def test_a_certificate_that_expires_soon_is_a_warning(authority):
    (found,) = said(look_at(authority, authority.issue("soon.pem", NAME, ends=10.5)))
    assert found.startswith("warning")
    assert "its certificate expires in 10 days, on " in found


def test_a_certificate_of_tomorrow_is_critical(authority):
    (found,) = said(look_at(authority, authority.issue("tomorrow.pem", NAME, begins=1)))
    assert found.startswith("critical")
    assert "is valid only from " in found


def test_a_certificate_that_signed_itself_is_not_trusted(authority):
    (found,) = said(look_at(authority, authority.issue("self.pem", NAME, self_signed=True)))
    assert "critical" in found
    assert "is not trusted: self-signed certificate" in found


def test_a_certificate_for_another_name_says_for_which(authority):
    (found,) = said(look_at(authority, authority.issue("other.pem", "www.acme.example", "acme.example")))
    assert found.startswith("critical")
    assert f"is not for {NAME} but for www.acme.example, acme.example" in found


def test_a_certificate_for_another_name_that_nobody_trusts_says_both(authority):
    (found,) = said(look_at(authority, authority.issue("worst.pem", "localhost", self_signed=True)))
    assert "is not trusted: self-signed certificate; its certificate is not for" in found


def test_a_common_name_alone_names_nobody(authority):
    (found,) = said(look_at(authority, authority.issue("bare.pem")))
    assert f"is not for {NAME} but for no name" in found


def test_the_server_is_told_which_name_is_meant(authority):
    seen = []
    look_at(authority, authority.issue("sni.pem", NAME), seen=seen)
    assert seen == [NAME]


def test_an_address_is_a_name_too(authority):
    pem = authority.issue("address.pem", "127.0.0.1")
    with served(with_tls(pem)) as port:
        seen = looked("tls", f"tls://:{port}", workspace=authority.path.parent, ca_file=authority.path.name)
    assert said(seen) == []


def test_ipv6_is_looked_at_like_any_other(authority):
    pem = authority.issue("six.pem", "::1")
    with served(with_tls(pem), socket.AF_INET6, "::1") as port:
        seen = looked("tls", f"tls://[::1]:{port}", workspace=authority.path.parent, ca_file=authority.path.name)
    assert said(seen) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_server_that_speaks_only_an_old_protocol_is_looked_at_and_told(authority):
    (found,) = said(look_at(authority, authority.issue("old.pem", NAME), limit=ssl.TLSVersion.TLSv1_1))
    assert found.startswith("warning")
    assert "speaks TLSv1.1 at best" in found


def test_something_that_is_no_tls_is_found():
    with served(lambda wire: wire.sendall(b"220 mail.acme.example ESMTP\r\n")) as port:
        (found,) = said(looked("tls", f"tls://:{port}"))
    assert found.startswith("critical")
    assert "no TLS comes about" in found


def test_nobody_there_is_critical_for_tls_and_a_warning_where_http_looks_too():
    port = free_port()
    (tls, https) = said(looked("tls", f"tls://:{port}", f"https://127.0.0.1:{port}/"))
    assert tls == f"critical tls://:{port}: 127.0.0.1 port {port} refuses connections"
    assert https.startswith("warning https://")


def test_a_server_that_says_nothing_costs_only_its_time():
    with served(lambda wire: wire.recv(1) and wire.recv(1_000_000) and wire.recv(1)) as port:
        (found,) = said(looked("tls", f"tls://:{port}", timeout=timedelta(seconds=1)))
    assert "does not answer in time" in found


def test_a_missing_ca_file_is_unverified_and_never_bad(authority):
    with served(with_tls(authority.issue("x.pem", NAME))) as port:
        seen = looked("tls", f"tls://:{port}", workspace=authority.path.parent, ca_file="gone.pem")
    assert said(seen) == []
    assert "gone.pem cannot be read: No such file or directory" in seen.untold
    assert seen.unjudged == (f"tls://:{port}",)


@pytest.mark.parametrize(
    ("name", "names", "fits"),
    [
        ("shop.acme.example", ["*.acme.example"], True),
        ("SHOP.acme.example", ["shop.ACME.example"], True),
        ("acme.example", ["*.acme.example"], False),
        ("a.shop.acme.example", ["*.acme.example"], False),
        ("shop.acme.example", ["*.example", "s*.acme.example", "*"], False),
        ("acme.example", ["*.example"], False),
        ("10.0.0.5", ["10.0.0.5"], False),
    ],
)
def test_a_star_stands_for_one_whole_label(name, names, fits):
    assert bears(name, names, []) is fits


@pytest.mark.parametrize("odd", ["3002a300", "30038201ff", "300787050102030405"])
def test_names_that_nobody_can_read_are_the_certificates_fault(authority, odd):
    """An X.400 address, a name that is no ASCII, an address of five bytes."""
    pem = authority.issue(f"odd-{odd}.pem", NAME, odd=bytes.fromhex(odd))
    (found,) = said(look_at(authority, pem))
    assert "shows a certificate that cannot be read" in found
