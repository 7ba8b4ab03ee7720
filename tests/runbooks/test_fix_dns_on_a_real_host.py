"""Name resolution that is broken, on real practice hosts; a small name server answers at 127.0.0.2."""

import subprocess
from collections.abc import Callable

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.mirror import install
from tests.runbooks.practice import KEPT, Practice, Told

pytestmark = pytest.mark.lab

NAME = "db.example.test"
# knows names under example.test, says of all others that there are none
SERVER = r"""
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.2", LocalPort => 53, Proto => "udp") or die;
while (my $from = $socket->recv(my $asked, 512)) {
  my ($id, $rest) = unpack("a2 x10 a*", $asked);
  $rest =~ /^(.*?\0)(..)../s or next;
  my ($name, $type, $question) = ($1, unpack("n", $2), $&);
  my $known = $name =~ /example/i;
  my $answer = $known && $type == 1 ? "\xc0\x0c" . pack("nnNnC4", 1, 1, 5, 4, 10, 77, 0, 99) : "";
  $socket->send($id . pack("nnnnn", $known ? 0x8580 : 0x8583, 1, $answer ne "", 0, 0) . $question . $answer);
}
"""


STUB = "ln -sfn /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf"


def upstream(server: str) -> str:
    """Shell: systemd-resolved runs and asks this server."""
    return (
        "mkdir -p /etc/systemd/resolved.conf.d; systemctl enable -q systemd-resolved;"
        f"printf '[Resolve]\\nDNS={server}\\n' >/etc/systemd/resolved.conf.d/lab.conf;"
        "systemctl restart systemd-resolved"
    )


@pytest.fixture(scope="module")
def served(lab: Lab) -> Practice:
    lab.reset("acme-db1")
    host = Practice(lab=lab, name="acme-db1")
    assert host.lab.inside(host.name, ["sh", "-c", "cat >/root/named.pl"], SERVER).returncode == 0
    return host


@pytest.fixture
def host(served: Practice) -> Practice:
    served.root(f"""
rm -rf {KEPT} /etc/resolv.conf; echo 'nameserver 127.0.0.2' >/etc/resolv.conf
systemctl stop nameserver 2>/dev/null || true
systemd-run -q --collect --unit=nameserver perl /root/named.pl
until getent ahosts {NAME}; do sleep 0.05; done""")
    return served


def fix(host: Practice, **given: str) -> Told:
    return host.run("fix-dns", "fix.sh", **{"name": NAME, **given})


def verify(host: Practice, **given: str) -> Told:
    return host.run("fix-dns", "verify.sh", **{"name": NAME, **given})


def undo(host: Practice) -> Told:
    return host.run("fix-dns", "undo.sh", name=NAME)


def test_what_resolves_is_left_alone_and_what_does_not_exist_is_said(host: Practice) -> None:
    told = fix(host)
    assert (told.code, told.changed) == (0, ())
    assert "resolves to 10.77.0.99" in told.output
    assert verify(host).code == 0
    told = fix(host, name="nothing.invalid")
    assert (told.code, told.why) == (75, "the name servers work: they say that there is no nothing.invalid")
    assert "stands in /etc/hosts" in fix(host, name="localhost").why


def test_given_servers_are_used_when_the_configured_ones_are_silent_and_taken_back(host: Practice) -> None:
    host.root("printf 'options timeout:1 attempts:1\\nnameserver 127.0.0.9\\n' >/etc/resolv.conf")
    before = host.root("cat /etc/resolv.conf")
    told = fix(host)
    assert (told.code, told.changed) == (1, ()), told.output
    assert told.why == f"{NAME} does not resolve: 127.0.0.9: silent"
    host.root("cp /etc/nsswitch.conf /root; sed -i '/^hosts:/s/ dns//' /etc/nsswitch.conf")
    assert "/etc/nsswitch.conf asks no name server for hosts; 127.0.0.9: silent" in fix(host).why
    host.root("cp /root/nsswitch.conf /etc")
    assert "127.0.0.9 silent" in host.run("fix-dns", "preview.sh", name=NAME).output
    told = fix(host, servers="127.0.0.2")
    assert told.code == 0, told.output
    assert told.changed == ("/etc/resolv.conf names 127.0.0.2",)
    assert host.root("cat /etc/resolv.conf") == "options timeout:1 attempts:1\nnameserver 127.0.0.2"
    assert verify(host).findings == {}
    assert fix(host, servers="127.0.0.2").changed == ()
    taken_back = undo(host)
    assert (taken_back.code, taken_back.changed) == (0, ("/etc/resolv.conf is as it was",))
    assert host.root("cat /etc/resolv.conf") == before
    assert undo(host).changed == ()


def test_what_somebody_wrote_since_is_not_undone(host: Practice) -> None:
    host.root("rm /etc/resolv.conf")
    assert fix(host, servers="127.0.0.2").code == 0
    host.root("echo '# mine' >>/etc/resolv.conf")
    told = undo(host)
    assert (told.code, told.changed) == (1, ())
    host.root("sed -i '$d' /etc/resolv.conf")
    assert undo(host).code == 0
    assert host.ends("test -e /etc/resolv.conf") == 1, "there was none before"


def test_a_silent_server_beside_a_good_one_is_named(host: Practice) -> None:
    host.root("printf 'nameserver 127.0.0.2\\nnameserver 127.0.0.9\\n' >/etc/resolv.conf")
    assert "silent" in verify(host).findings["name-server:127.0.0.9"]


def test_a_stopped_systemd_resolved_and_a_lost_link_are_mended(host: Practice) -> None:
    if host.ends("test -e /lib/systemd/systemd-resolved"):
        install(host, "systemd-resolved")
    host.root(f"systemctl unmask -q systemd-resolved; {upstream('127.0.0.2')}; {STUB}")
    assert verify(host).code == 0
    host.root("systemctl stop systemd-resolved")
    told = fix(host)
    assert told.code == 0, told.output
    assert told.changed == ("systemd-resolved restarted",)
    host.root("rm /etc/resolv.conf; echo '# empty' >/etc/resolv.conf")
    told = fix(host)
    assert told.code == 0, told.output
    assert told.changed[-1] == "/etc/resolv.conf names systemd-resolved again"
    assert undo(host).code == 0
    assert host.root("cat /etc/resolv.conf") == "# empty"
    host.root(f"{upstream('127.0.0.9')}; {STUB}; rm -rf {KEPT}")
    told = fix(host, servers="127.0.0.2")
    assert told.code == 0, told.output
    assert told.changed[-1].endswith("systemd-resolved asks 127.0.0.2")
    assert undo(host).code == 0
    assert host.root("ls /etc/systemd/resolved.conf.d") == "lab.conf"


def test_servers_that_are_silent_as_well_are_taken_back_by_the_run_itself(
    web1: Practice, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    web1.root("printf 'options timeout:1 attempts:1\\nnameserver 127.0.0.9\\n' >/etc/resolv.conf")
    before = web1.root("cat /etc/resolv.conf")
    words = ("--name", NAME, "--servers", "127.0.0.8", "-t", "T-3", "--yes")
    done = command("run", "fix-dns", "acme/web1", *words)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "127.0.0.8: silent; undone" in " ".join((done.stdout + done.stderr).split())
    assert web1.root("cat /etc/resolv.conf") == before
