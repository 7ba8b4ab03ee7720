"""What a runbook that cannot go on says on a real practice host: the true cause, in words that lead on."""

import pytest

from tests.runbooks.practice import Practice

pytestmark = pytest.mark.lab


def test_a_disk_without_inodes_is_told_by_its_inodes_and_by_who_has_them(web1: Practice) -> None:
    web1.root("mkdir -p /srv/small; mount -t tmpfs -o nr_inodes=400,size=16m tmpfs /srv/small; mkdir /srv/small/mail")
    web1.root("cd /srv/small/mail; n=0; while touch f$n; do n=$((n + 1)); done 2>/dev/null; true")
    told = web1.run("fix-disk-full", "fix.sh", path="/srv/small")
    web1.root("umount /srv/small")
    assert told.code == 1
    assert "/srv/small has 0 % of its inodes free" in told.why
    assert "/srv/small/mail (39" in told.why
    assert "files)" in told.why


def test_package_sources_with_a_mistake_block_and_are_named(web1: Practice) -> None:
    web1.root("apt-get -q update; echo 'deb http://deb.example' >/etc/apt/sources.list.d/bad.list")
    told = web1.run("patch-linux", "patch.sh", lock_wait="5s", min_free="20")
    assert (told.code, told.changed) == (75, ()), told.output
    assert "the list of package sources cannot be read: E: Malformed entry 1 in list file" in told.why
    scan = web1.run("patch-scan", "scan.sh")
    assert (scan.code, "apt cannot say what waits:   E: Malformed entry" in scan.why) == (75, True), scan.why


def test_lists_of_the_future_are_no_negative_age(web1: Practice) -> None:
    web1.root("apt-get -q update; touch -d '20 days' /var/lib/apt/lists/*Release")
    told = web1.run("patch-linux", "preview.sh", lock_wait="5s", min_free="20")
    assert "hours ahead of this host's clock: which clock is wrong?" in told.output
    assert "-4" not in told.output.splitlines()[0]


def test_a_template_a_host_without_certbot_and_a_silent_server_are_told_in_words(web1: Practice) -> None:
    told = web1.run("fix-service", "fix.sh", service="getty@")
    assert told.why == "getty@ is a template: name one of its instances, such as getty@1"
    told = web1.run("fix-certificate", "fix.sh", certificate="x.example", service="ssh")
    assert (told.code, told.why) == (75, "this host has no certbot and no certificate of it")
    web1.root("echo 'nameserver 192.0.2.1' >/etc/resolv.conf")
    told = web1.run("fix-dns", "fix.sh", name="deb.debian.org")
    assert told.why.endswith(": silent"), told.why
