"""Names, gateway and links of a real practice host."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

# Answers every question with its own id, the bits of an answer and the error code that its first argument says.
SERVER = r"""use IO::Socket::INET;
my $socket = IO::Socket::INET->new(LocalAddr => $ARGV[1], LocalPort => 53, Proto => "udp") or die;
while ($socket->recv(my $asked, 512)) {
  open(my $log, ">>", "/run/asked"); print $log unpack("H*", $asked), "\n"; close $log;
  substr($asked, 2, 2) = pack("n", 0x8180 | $ARGV[0]); $socket->send($asked);
}
"""


def dns(host: Practice, **given: str) -> Told:
    return host.run("health-network", "dns.sh", **given)


def serve(host: Practice, error: int = 0, address: str = "127.0.0.1") -> None:
    """A DNS server on the host itself, which is told to ask it alone."""
    host.root(f"cat >/root/dns.pl <<'E'\n{SERVER}E")
    host.root(f"systemd-run --quiet --unit=dns-{address} perl /root/dns.pl {error} {address}")
    host.root(f"for n in $(seq 100); do ss -lun | grep -q '{address}:53' && exit; sleep 0.05; done; exit 1")
    host.root(f"echo nameserver {address} >/etc/resolv.conf")


def test_a_server_that_answers_is_measured_and_no_finding(web1: Practice) -> None:
    serve(web1)
    told = dns(web1, name="mail.example-company.test")
    assert (told.code, told.findings) == (0, {}), told.output
    assert {one.name for one in told.report.reading.measurements} == {
        "dns_answer_time:127.0.0.1",
        "dns_servers_answering",
    }
    asked = bytes.fromhex(web1.root("head -n 1 /run/asked"))
    assert asked[12:] == b"\x04mail\x0fexample-company\x04test\x00\x00\x01\x00\x01"


@pytest.mark.parametrize(("error", "words"), [(2, "critical cannot find out"), (3, "warning says that there is no")])
def test_a_server_that_cannot_tell_and_one_that_says_no_are_told_apart(web1: Practice, error: int, words: str) -> None:
    serve(web1, error)
    assert dns(web1).findings["127.0.0.1"].startswith(words)


def test_one_silent_server_of_two_is_a_warning_and_the_only_one_critical(web1: Practice) -> None:
    assert set(dns(web1).findings) == {"10.255.255.53", "all-servers"}
    serve(web1)
    web1.root("echo nameserver 127.0.0.9 >>/etc/resolv.conf")
    told = dns(web1)
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {"127.0.0.9": "warning"}


def test_a_host_that_is_told_no_server_says_so(web1: Practice) -> None:
    web1.root("echo search example.com >/etc/resolv.conf")
    assert set(dns(web1).findings) == {"resolv.conf"}


@pytest.fixture
def route(web1: Practice) -> Iterator[str]:
    """The first words of a command in the network of the host, whose own root may not set routes."""
    machine = web1.lab._machine(web1.name)
    yield " ".join(machine.in_its_network("ip", "route"))
    subprocess.run(machine.in_its_network("ip", "route", "del", "default"), check=False, capture_output=True)


def gateway(host: Practice) -> Told:
    return host.run("health-network", "gateway.sh")


def test_a_host_without_a_way_out_says_so(web1: Practice) -> None:
    assert set(gateway(web1).findings) == {"default-route"}


def test_a_gateway_that_lets_no_ping_pass_and_answers_who_it_is_is_well(web1: Practice, route: str) -> None:
    subprocess.run([*route.split(), "add", "default", "via", "10.77.0.12"], check=True)
    told = gateway(web1)
    assert (told.code, told.findings) == (0, {}), told.output
    assert "10.77.0.12 answers who has its address" in told.output


def test_a_gateway_that_is_gone_is_critical(web1: Practice, route: str) -> None:
    subprocess.run([*route.split(), "add", "default", "via", "10.77.0.99"], check=True)
    assert gateway(web1).findings["10.77.0.99"].startswith("critical the default gateway on")


def links(host: Practice, **given: str) -> Told:
    return host.run("health-network", "links.sh", **given)


def test_links_are_measured_and_another_mtu_than_wanted_is_told(web1: Practice, route: str) -> None:
    subprocess.run([*route.split(), "add", "default", "via", "10.77.0.12"], check=True)
    told = links(web1)
    assert (told.code, told.findings) == (0, {}), told.output
    measured = {one.name: one.value for one in told.report.reading.measurements}
    assert {"link_rx_errors:eth0", "link_tx_errors:eth0", "link_rx_dropped:eth0", "link_tx_dropped:eth0"} < set(
        measured
    )
    wrong = int(measured["link_mtu:eth0"]) + 7
    assert set(links(web1, mtu=str(wrong)).findings) == {"eth0:mtu"}
