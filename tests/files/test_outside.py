"""Endpoints and dates in a client's file: what sound ones mean, and what is said when one word is wrong."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from msp_ops.domain.endpoint import Endpoint, Url, read_url
from msp_ops.domain.errors import FileError
from msp_ops.files.client_file import load_client
from tests.files.cast import CLIENT, spoil, write

PRESS1 = "      - {id: press1, address: 192.0.2.11, roles: [press], ring: 2, group: presses}\n"
ENDPOINTS = """\
      - id: press1
        address: 192.0.2.11
        roles: [press]
        endpoints:
          - {url: https://shop.cobalt.example:8443/health, status: 200, text: all is well}
          - {url: tls://mail.cobalt.example, at: 192.0.2.14}
          - {url: tcp://:5432}
          - {url: dns://shop.cobalt.example, addresses: [203.0.113.7], servers: [198.51.100.53]}
"""
DATES = """\
dates:
  - {what: cobalt.example, kind: domain, host: press1, ends: 2027-03-01, warn: 90d, note: registered by Kim}
  - {what: The press, kind: warranty, host: press2, ends: 2027-06-30}
ca_file: keys/cobalt-ca.pem
"""
SOUND = spoil(CLIENT, PRESS1, ENDPOINTS).replace("hosts: press,", "hosts: press2,") + DATES
MISTAKES = [  # what is spoilt, into what, what is said
    (
        "https://shop",
        "htps://shop",
        "'htps://' is not known; right is https, http, tls, tcp, dns; did you mean 'https'?",
    ),
    ("https://shop", "https://ops:hunter2@shop", "a user or password stands in the address; none is ever sent"),
    (
        "https://shop.cobalt.example:8443/health",
        "shop.cobalt.example:443",
        "is no endpoint; write for example https://",
    ),
    ("https://shop.cobalt.example:8443/health", "https://a.example/x#y", "is no endpoint; write for example https://"),
    ("https://shop.cobalt", "https://-shop.cobalt", "neither an IP address nor a host name"),
    ("tcp://:5432", "tcp://:70000", "needs a port from 1 to 65535"),
    ("tcp://:5432", "tcp://press1", "needs a port from 1 to 65535, such as tcp://press1:5432"),
    ("tcp://:5432", "tcp://:5432/x", "has a path; only http and https have one"),
    (
        "dns://shop.cobalt.example",
        "dns://shop.cobalt.example:53",
        "must be the name that is to resolve and nothing else",
    ),
    ("url: tcp://:5432", "url: tls://mail.cobalt.example, at: 192.0.2.14", "is taken in line 14; each needs its own"),
    ("url: tcp://:5432", "url: tcp://:5432, status: 200", "status belongs to http and https, this is tcp; remove it"),
    ("status: 200", "addresses: [192.0.2.1]", "addresses belongs to dns, this is https; remove it"),
    ("servers:", "at: 192.0.2.1, servers:", "a name is asked of servers; write servers in place of at"),
    ("servers: [198.51.100.53]", "servers: [ns.example]", "'ns.example' is no IP address"),
    ("status: 200", "status: 99", "right is 200 to 599"),
    ("url: tcp", "ulr: tcp", "did you mean 'url'?"),
    ("kind: domain", "kind: domian", "did you mean 'domain'?"),
    ("host: press2", "host: pres2", "there is no host 'pres2'; hosts: press1, files1, press2; did you mean 'press2'?"),
    ("ends: 2027-06-30", "ends: 30.6.2027", "is not a day; write year-month-day such as 2026-01-31"),
    ("The press, kind: warranty, host: press2", "cobalt.example, kind: other, host: press1", "is taken in line"),
    ("warn: 90d", "warn: 0d", "no time at all"),
    ("keys/cobalt-ca.pem", "/etc/ssl/ca.pem", "leaves the workspace; write a path in it"),
    ("keys/cobalt-ca.pem", "../ca.pem", "leaves the workspace; write a path in it"),
]


def heads(error: FileError) -> list[str]:
    """The first line of each mistake, from the file's name on."""
    return [f"cobalt.yaml{found}" for line in str(error).splitlines() for found in line.split("cobalt.yaml")[1:]]


def test_endpoints_and_dates_are_what_was_written(tmp_path: Path) -> None:
    client = load_client(write(tmp_path / "cobalt.yaml", SOUND))
    host = next(client.hosts())
    assert host.endpoints[0] == Endpoint(url="https://shop.cobalt.example:8443/health", status=200, text="all is well")
    assert host.endpoints[1].shown == "tls://mail.cobalt.example at 192.0.2.14"
    assert [each.parts.port for each in host.endpoints] == [8443, 443, 5432, 53]
    domain, warranty = client.dates
    assert (domain.ends, domain.warn) == (date(2027, 3, 1), timedelta(days=90))
    assert (warranty.warn, client.ca_file) == (None, "keys/cobalt-ca.pem")


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES, ids=[new for _, new, _ in MISTAKES])
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        load_client(write(tmp_path / "cobalt.yaml", spoil(SOUND, old, new)))
    told = heads(caught.value)
    assert any(words in each for each in told), str(caught.value)
    line = spoil(SOUND, old, new)[: spoil(SOUND, old, new).rindex(new)].count("\n") + 1
    assert any(each.startswith(f"cobalt.yaml:{line}:") for each in told), str(caught.value)


def test_a_password_in_an_address_is_not_repeated(tmp_path: Path) -> None:
    spoilt = spoil(SOUND, "https://shop", "https://ops:hunter2@shop")
    with pytest.raises(FileError) as caught:
        load_client(write(tmp_path / "cobalt.yaml", spoilt))
    assert "hunter2" not in heads(caught.value)[0]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://[2001:db8::7]:8443/a?b=c", Url(scheme="https", name="2001:db8::7", port=8443, path="/a?b=c")),
        ("http://a.example", Url(scheme="http", name="a.example", port=80, path="/")),
        ("tls://:465", Url(scheme="tls", name="", port=465, path="/")),
    ],
)
def test_the_parts_of_an_address(text: str, url: Url) -> None:
    assert read_url(text) == url
