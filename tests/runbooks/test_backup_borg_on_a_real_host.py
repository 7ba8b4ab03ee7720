"""Borg repositories on a real practice host: fresh, stale, shrunk, without a source, and damaged in the middle."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.practice import Practice, Told
from tests.runbooks.unpacked import BORG, unpack

pytestmark = pytest.mark.lab

MADE = """
set -e
export BORG_PASSPHRASE='correct horse' BORG_RELOCATED_REPO_ACCESS_IS_OK=yes
ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime
printf '%s' "$BORG_PASSPHRASE" >/root/.borg
mkdir -p /srv/site/docs /srv/site/etc /srv/little
head -c 3000000 /dev/urandom >/srv/site/docs/drawing
seq 500 >/srv/site/etc/settings
echo one >/srv/little/one
back_up() {
  at=$(date -u -d "$1" +%FT%T)
  shift
  borg create --timestamp "$at" "$@" || [ $? -eq 1 ]
}
borg init -e repokey /srv/borg 2>/dev/null
borg config /srv/borg max_segment_size 4000000  # else it wants half a GiB free
for day in 4 3 2; do back_up "$day days ago" "/srv/borg::web-$(date -d "$day days ago" +%F)" /srv/site; done
cp -a /srv/borg /srv/borg-stale
cp -a /srv/borg /srv/borg-shrunk
back_up "1 second ago" "/srv/borg::web-$(date +%F)" /srv/site /srv/missing
rm -rf /root/.config/borg/security /root/.cache/borg  # it knows a newer state of the same repository
back_up "1 second ago" "/srv/borg-shrunk::web-$(date +%F)" /srv/little
cp -a /srv/borg /srv/borg-damaged
segment=$(find /srv/borg-damaged/data -type f -size +1000k | head -n 1)
printf damaged | dd of="$segment" bs=1 seek=1500000 conv=notrunc status=none
borg init -e none /srv/plain 2>/dev/null
borg create /srv/plain::web /srv/little
rm -rf /root/.cache/borg /root/.config/borg/security  # else a copy is one that was moved
"""
SPY = """#!/bin/sh
{ tr '\\0' ' ' </proc/self/environ; echo "$@"; } >>/tmp/seen
exec /usr/bin/borg "$@"
"""
STATE = "find /srv /root /run /tmp -xdev -type f | sort; find /srv/borg* -type f -exec sha256sum {} + | sort"


@pytest.fixture(scope="module")
def host(lab: Lab) -> Practice:
    lab.reset("acme-db1")
    host = Practice(lab=lab, name="acme-db1")
    unpack(host, *BORG)
    host.root(MADE)
    return host


def listed(host: Practice, repository: str = "/srv/borg", **given: str) -> Told:
    return host.run("check-backup-borg", "listed.sh", repository=repository, passphrase_file="/root/.borg", **given)


def newest(host: Practice, repository: str = "/srv/borg", **given: str) -> Told:
    return host.run(
        "check-backup-borg", "newest.sh", repository=repository, **{"passphrase_file": "/root/.borg"} | given
    )


def whole(host: Practice, repository: str) -> Told:
    return host.run("check-backup-borg", "whole.sh", repository=repository)


def test_a_fresh_backup_is_listed_and_read_back(host: Practice) -> None:
    told = listed(host, paths="/srv/site /srv/site/docs", expected="web")
    assert (told.code, told.findings) == (0, {}), told.output
    assert (newest(host).code, newest(host).findings) == (0, {})
    assert (whole(host, "/srv/borg").code, whole(host, "/srv/borg").findings) == (0, {})


def test_its_age_is_right_though_borgs_times_have_no_zone(host: Practice) -> None:
    told = listed(host)
    ages = {one.name: int(one.value) for one in told.report.reading.measurements if "age" in one.name}
    assert list(ages) == ["backup_age:web-#"]
    assert ages["backup_age:web-#"] < 600, "made a moment ago, on a host in Tokyo"


def test_looking_leaves_the_repository_and_the_host_as_they_were(host: Practice) -> None:
    before = host.root(STATE)
    for look in (listed, newest):
        look(host)
    whole(host, "/srv/borg")
    assert host.root(STATE) == before


def test_a_stale_backup_is_found(host: Practice) -> None:
    told = listed(host, "/srv/borg-stale")
    assert list(told.findings) == ["web-#:age"]
    assert "critical the newest archive is 48 hours old" in told.findings["web-#:age"]


def test_a_source_that_borg_only_warned_about_is_found_missing(host: Practice) -> None:
    told = listed(host, paths="/srv/site /srv/missing", expected="web db")
    assert told.findings == {
        "/srv/missing:path": "critical the newest archive does not hold this path",
        "db:expected": "critical no fresh archive has a name that begins so",
    }


def test_damage_is_found_by_reading_and_not_by_listing(host: Practice) -> None:
    assert listed(host, "/srv/borg-damaged").findings == {}
    told = newest(host, "/srv/borg-damaged")
    assert told.code == 0
    assert [subject.rpartition(":")[2] for subject in told.findings] == ["data"]
    assert "integrity error" in next(iter(told.findings.values()))
    assert list(whole(host, "/srv/borg-damaged").findings) == ["repository:data"]


def test_a_backup_that_shrank_is_found(host: Practice) -> None:
    told = listed(host, "/srv/borg-shrunk", begins="web-")
    assert list(told.findings) == ["web-#:size"]
    assert told.findings["web-#:size"].startswith("warning the newest has 4 bytes")


def test_a_wrong_passphrase_is_unknown_at_every_level_and_clears_nothing(host: Practice) -> None:
    host.root("echo wrong >/root/.wrong")
    for look in ("listed.sh", "newest.sh"):
        told = host.run("check-backup-borg", look, repository="/srv/borg", passphrase_file="/root/.wrong")
        assert (told.code, told.findings) == (75, {})
        assert "incorrect" in told.why


@pytest.mark.parametrize("look", ["listed.sh", "newest.sh"])
def test_a_repository_that_lost_its_encryption_is_another_one(host: Practice, look: str) -> None:
    told = host.run("check-backup-borg", look, repository="/srv/plain", passphrase_file="/root/.borg")
    assert (told.code, told.findings) == (75, {}), told.output
    assert "unencrypted" in told.why
    told = host.run("check-backup-borg", look, repository="/srv/plain")
    assert (told.code, told.findings) == (0, {}), told.output


@pytest.mark.parametrize("look", ["listed.sh", "newest.sh"])
def test_a_repository_that_is_not_where_this_host_knew_it_is_told_and_not_opened(host: Practice, look: str) -> None:
    host.root("BORG_PASSPHRASE='correct horse' borg list /srv/borg; mv /srv/borg /srv/moved")
    told = host.run("check-backup-borg", look, repository="/srv/moved", passphrase_file="/root/.borg")
    host.root("mv /srv/moved /srv/borg; rm -rf /root/.config/borg/security /root/.cache/borg")
    assert (told.code, told.findings) == (75, {}), told.output
    assert "was previously located at" in told.output


def test_without_a_repository_the_backup_has_failed(host: Practice) -> None:
    told = listed(host, "/srv/none")
    assert (told.code, list(told.findings)) == (1, ["repository"])


def test_another_borg_at_work_is_waited_for_by_nobody_and_is_no_damage(host: Practice) -> None:
    host.root("mkdir -p /srv/borg-damaged/lock.exclusive")
    told = newest(host, "/srv/borg-damaged")
    host.root("rmdir /srv/borg-damaged/lock.exclusive")
    assert (told.code, told.findings) == (75, {})


def test_the_passphrase_is_in_no_command_line_and_no_environment(host: Practice) -> None:
    """A borg that shows what it was given stands in front of the real one."""
    argv = ["sh", "-c", "cat >/usr/local/bin/borg; chmod 755 /usr/local/bin/borg"]
    assert host.lab.inside(host.name, argv, SPY).returncode == 0
    told = listed(host)
    seen = host.root("rm /usr/local/bin/borg; cat /tmp/seen; rm /tmp/seen")
    assert told.code == 0, told.output
    assert "--bypass-lock" in seen
    assert "correct horse" not in seen
