"""How a real practice host can be entered, opened one door at a time; the packet filter is the kernel's own."""

import os

import pytest

from tests.runbooks.practice import Practice, Told
from tests.runbooks.stand_ins import StandIns

pytestmark = pytest.mark.lab


def look(host: Practice, script: str, **given: str) -> Told:
    return host.run("health-security", f"{script}.sh", **given)


def test_a_host_as_it_should_be_is_no_finding_in_any_part(web1: Practice) -> None:
    """But that it has no packet filter, and the login of the lab."""
    found = {}
    for script in ("sshd", "firewall", "listeners", "accounts", "sudo", "path"):
        told = look(web1, script, sudo_without_password="ops")
        assert told.code == 0, told.output
        found |= told.findings
    assert set(found) == {"packet-filter"}


def sshd(host: Practice, text: str) -> Told:
    host.root(f"printf '%b' '{text}' >/etc/ssh/sshd_config.d/00-test.conf")
    return look(host, "sshd")


def test_root_with_a_password_is_critical_and_a_password_for_others_a_warning(web1: Practice) -> None:
    told = sshd(web1, "PermitRootLogin yes\\nPasswordAuthentication yes\\n")
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {
        "root-password": "critical",
        "password-login": "warning",
    }


def test_a_password_that_is_asked_for_in_a_dialogue_is_a_password(web1: Practice) -> None:
    told = sshd(web1, "PasswordAuthentication no\\nKbdInteractiveAuthentication yes\\nUsePAM yes\\n")
    assert set(told.findings) == {"password-login"}


def test_a_match_block_that_opens_root_is_seen(web1: Practice) -> None:
    told = sshd(
        web1, "PasswordAuthentication no\\nMatch User root\\nPermitRootLogin yes\\nPasswordAuthentication yes\\n"
    )
    assert set(told.findings) == {"root-password"}


def test_a_configuration_that_sshd_cannot_read_is_unknown_in_its_own_words(web1: Practice) -> None:
    told = sshd(web1, "Nonsense yes\\n")
    assert told.code == 75
    assert "sshd cannot say" in told.why


def test_empty_passwords_are_critical(web1: Practice) -> None:
    told = sshd(web1, "PasswordAuthentication yes\\nPermitEmptyPasswords yes\\n")
    assert told.findings["empty-password"].startswith("critical")


def test_ports_on_no_list_are_told_and_loopback_is_left_alone(web1: Practice) -> None:
    web1.root("systemd-run --quiet --unit=inner perl -MIO::Socket::INET -e '" + LISTEN.format("127.0.0.1:9000") + "'")
    web1.root("for n in $(seq 100); do ss -ltn | grep -q :9000 && exit; sleep 0.05; done; exit 1")
    assert set(look(web1, "listeners", ports="22").findings) == {"tcp/8080"}
    assert set(look(web1, "listeners", ports="22/tcp 8080/udp").findings) == {"tcp/8080"}
    assert look(web1, "listeners", ports="22 8080").findings == {}
    assert look(web1, "listeners").findings == {}


LISTEN = 'my $s = IO::Socket::INET->new(LocalAddr => "{}", Listen => 1) or die; sleep 100'


def test_without_ss_what_listens_is_unknown(web1: Practice) -> None:
    web1.root("mv /usr/bin/ss /usr/bin/gone")
    assert look(web1, "listeners").code == 75


def test_another_root_and_accounts_without_a_password_are_critical(web1: Practice) -> None:
    web1.root("echo 'toor:x:0:0::/root:/bin/sh' >>/etc/passwd; useradd -s /bin/bash guest; passwd -q -d guest")
    told = look(web1, "accounts")
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {
        "toor:uid-0": "critical",
        "guest:no-password": "critical",
    }


RULES = {
    "/etc/sudoers.d/late": "deploy ALL=(ALL:ALL) NOPASSWD: ALL\\n",
    "/etc/sudoers.d/long": "%web ALL=(root) \\\\\\n  NOPASSWD: \\\\\\n  SETENV: ALL\\n",
    "/etc/sudoers.d/one": "backup ALL=(root) NOPASSWD: /usr/bin/restic\\n",
    "/etc/sudoers.d/ignored.bak": "mallory ALL=(ALL) NOPASSWD: ALL\\n",
    "/etc/sudoers.d/off": "# nobody ALL=(ALL) NOPASSWD: ALL\\nplain ALL=(ALL) ALL # NOPASSWD: ALL\\n",
    "/etc/more-rules": "Defaults:trusted !authenticate\\n#1234 ALL=(ALL) NOPASSWD: ALL\\n",
}


def test_everybody_who_becomes_root_without_a_password_is_found_where_sudo_finds_them(web1: Practice) -> None:
    for path, text in RULES.items():
        web1.root(f"printf '%b' '{text}' >{path}; chmod 0440 {path}")
    web1.root("echo '@include /etc/more-rules' >>/etc/sudoers; visudo -c -q")
    told = look(web1, "sudo", sudo_without_password="ops")
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {
        "deploy": "warning",
        "%web": "warning",
        "backup:some-commands": "info",
        "Defaults:trusted": "warning",
        "#1234": "warning",
    }


def test_a_program_and_a_folder_that_anybody_may_change_are_critical(web1: Practice) -> None:
    web1.root("touch '/usr/local/bin/a b'; chmod 0777 '/usr/local/bin/a b'; chmod 0777 /usr/local/sbin")
    web1.root("ln -s /usr/bin/env /usr/local/bin/link")
    told = look(web1, "path")
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {
        "/usr/local/bin/a_b": "critical",
        "/usr/local/sbin": "critical",
    }


def test_the_name_of_a_program_reports_nothing(web1: Practice) -> None:
    web1.root(
        'f=$(printf \'/usr/local/bin/x\\nmsp: why all is well\\n\\nmsp: changed a b\'); touch "$f"; chmod 0777 "$f"'
    )
    told = look(web1, "path")
    assert (told.changed, told.why, len(told.findings)) == ((), "", 1)


OPEN = "add table inet t; add chain inet t in { type filter hook input priority 0; policy accept; }"
CLOSED = {
    "a policy that drops": "add table inet t; add chain inet t in { type filter hook input priority 0; policy drop; }",
    "a last rule that refuses": f"{OPEN}; add rule inet t in tcp dport 22 accept; add rule inet t in counter reject",
    "a last rule that drops and logs": f'{OPEN}; add rule inet t in log prefix "no " drop',
}
NOT_CLOSED = {
    "no rule at all": "add table inet t",
    "a filter that lets in": OPEN,
    "rules against some": f"{OPEN}; add rule inet t in ip saddr 192.0.2.0/24 drop",
    "a filter on what is passed on": (
        "add table inet t; add chain inet t f { type filter hook forward priority 0; policy drop; }"
    ),
    "a filter for IPv6": "add table ip6 t; add chain ip6 t in { type filter hook input priority 0; policy drop; }",
}


@pytest.fixture
def filtered(tmp_path) -> StandIns:
    if os.geteuid():
        pytest.skip("a network of one's own needs root; CI runs as root")
    return StandIns(tmp_path)


@pytest.mark.parametrize("name", [*CLOSED, *NOT_CLOSED])
def test_a_packet_filter_is_on_when_its_way_in_ends_closed(filtered: StandIns, name: str) -> None:
    rules = {**CLOSED, **NOT_CLOSED}[name]
    told = filtered.run("health-security", "firewall.sh", before=f"nft '{rules}'")
    assert told.code == 0, told.output
    assert ("packet-filter" in told.findings) is (name in NOT_CLOSED), told.output


def test_a_filter_that_forgets_ipv6_is_told_where_there_is_an_address(filtered: StandIns) -> None:
    rules = "add table ip t; add chain ip t in { type filter hook input priority 0; policy drop; }"
    filtered.file("/proc/net/if_inet6", "20010db8000000000000000000000001 02 40 00 80     eth0\n")
    told = filtered.run("health-security", "firewall.sh", before=f"nft '{rules}'")
    assert set(told.findings) == {"packet-filter-ipv6"}
