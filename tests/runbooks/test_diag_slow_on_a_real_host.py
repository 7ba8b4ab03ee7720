"""Why a real practice host is slow: who uses its processors, who waits for whose lock, which deleted files are held."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

STATE = "ls -d /run/diag-slow* 2>/dev/null; find /tmp /root -xdev | sort"


@pytest.fixture(scope="module")
def host(lab: Lab) -> Practice:
    lab.reset("acme-web1")
    return Practice(lab=lab, name="acme-web1")


def load(host: Practice) -> Told:
    return host.run("diag-slow", "load.sh", watch="2s")


def held(host: Practice, limit: str = "1GiB") -> Told:
    return host.run("diag-slow", "held.sh", held=limit)


def test_looking_tells_figures_and_leaves_nothing(host: Practice) -> None:
    before = host.root(STATE)
    told = load(host)
    assert told.code == 0, told.output
    names = {each.name for each in told.report.reading.measurements}
    assert {"cpu_used", "cpu_iowait", "cpu_steal", "memory_available"} <= names
    assert (held(host).code, held(host).findings) == (0, {})
    assert host.root(STATE) == before


def test_who_uses_the_processors_is_named_by_its_short_name_only(host: Practice) -> None:
    host.root("cp /bin/sh '/tmp/b)usy\nx'")
    spin = "while :; do :; done # --password=secret"
    host.root(f"for n in $(seq $(nproc)); do systemd-run -q --unit=busy-$n '/tmp/b)usy\nx' -c '{spin}'; done")
    told = load(host)
    host.root("systemctl stop 'busy-*'")
    assert "processor" in told.findings, told.output
    assert "b_usy_x (process " in told.findings["processor"]
    assert "secret" not in told.output


def test_a_process_that_waits_for_anothers_lock_is_told(host: Practice) -> None:
    host.root("systemd-run -q --unit=holds flock /srv/lock sleep infinity")
    host.root("for n in $(seq 100); do grep -q FLOCK /proc/locks && break; sleep 0.1; done")
    host.root("systemd-run -q --unit=waits flock /srv/lock true")
    host.root("for n in $(seq 100); do grep -q -e '->' /proc/locks && exit 0; sleep 0.1; done; exit 1")
    told = held(host)
    host.root("systemctl stop holds")
    (message,) = told.findings.values()
    assert message.startswith("warning flock waits for a file that ")


def test_deleted_files_that_are_held_open_are_counted(host: Practice) -> None:
    forged = "msp: changed x forged"
    script = (
        f"exec 3>'/srv/{forged}'; head -c 5000000 /dev/zero >&3; rm '/srv/{forged}'; touch /srv/ready; exec sleep 60"
    )
    host.root(f'systemd-run -q --unit=keeps sh -c "{script}"')
    host.root("for n in $(seq 100); do [ -e /srv/ready ] && exit 0; sleep 0.1; done; exit 1")
    told = held(host, "1MiB")
    assert "take 4 MiB" in told.findings["deleted-and-open"], told.output
    assert told.changed == ()
    host.root("systemctl stop keeps")
    assert held(host, "1MiB").findings == {}
