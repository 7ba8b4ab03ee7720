"""Files of an rsync snapshot restored for a test on a real practice host: compared, timed, and nothing left of them."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

PLACE = "/var/tmp/msp-ops-restore-test-practice"  # noqa: S108  # on the practice host
MADE = r"""
set -e
mkdir -p /srv/live/docs "/srv/live/with blank" /srv/snapshots
for n in 1 2 3 4 5; do seq "$n"00 >/srv/live/docs/list-$n; done
seq 500 >"/srv/live/with blank/-it's 100% [a-z]*"
printf forged >"/srv/live/$(printf 'x\nmsp: changed sshd forged')"
head -c 2000000 /dev/urandom >/srv/live/docs/drawing
(cd /srv/live && find . -type f ! -name 'x*' -exec sha256sum {} +) >/tmp/SUMS
for name in web-2026-11-21 web-2026-11-22 bad-2026-11-22 web-2026-11-23.partial; do
  cp -a /srv/live /srv/snapshots/$name
  cp /tmp/SUMS /srv/snapshots/$name/SUMS
done
printf X | dd of=/srv/snapshots/bad-2026-11-22/docs/list-3 bs=1 conv=notrunc status=none
"""
STATE = "find /srv /root /tmp /var/tmp -xdev | sort; find /srv -type f -exec sha256sum {} + | sort"


@pytest.fixture(scope="module")
def host(lab: Lab) -> Practice:
    lab.reset("acme-db1")
    host = Practice(lab=lab, name="acme-db1")
    host.root(MADE)
    return host


def run(host: Practice, file: str, **given: str) -> Told:
    chosen = {"folder": "/srv/snapshots", "begins": "web", "manifest": "SUMS", "original": "/srv/live", **given}
    return host.run("restore-test-snapshots", file, **chosen)


def restore(host: Practice, **given: str) -> tuple[Told, Told]:
    told = run(host, "restore.sh", **given)
    assert host.ends(f"test -e {PLACE} || ls -d /run/restore-test*") != 0, "the scratch is removed whatever comes"
    return told, run(host, "verify.sh", **given)


def test_files_come_back_as_they_were_and_nothing_else_is_changed(host: Practice) -> None:
    before = host.root(STATE)
    looked = run(host, "preview.sh")
    assert (looked.code, looked.changed) == (0, ())
    assert "with blank/-it's 100% [a-z]*" in looked.output
    told, proof = restore(host)
    assert (told.code, proof.code) == (0, 0), told.output
    assert proof.findings["passed-over"].startswith("info 1 files of the snapshot")
    assert "7 of 7 files came back" in proof.output
    assert "7 of them are still on this host and the same" in proof.output
    assert "of web-2026-11-22 were restored" in told.changed[0]
    assert host.root(STATE) == before


def test_a_file_that_is_not_what_the_manifest_says_is_found(host: Practice) -> None:
    told, proof = restore(host, begins="bad")
    assert told.code == 0
    assert "of 7 files of bad-2026-11-22 6 came back as they were" in proof.findings["restore"], told.output


def test_a_file_that_the_manifest_does_not_name_is_told(host: Practice) -> None:
    host.root("echo new >/srv/snapshots/web-2026-11-22/docs/new")
    _, proof = restore(host)
    host.root("rm /srv/snapshots/web-2026-11-22/docs/new")
    assert set(proof.findings) == {"unlisted", "passed-over"}


@pytest.mark.parametrize(
    ("given", "why"),
    [({"begins": "db"}, "holds no complete snapshot whose name begins with db"), ({"manifest": "NONE"}, "has no NONE")],
)
def test_a_snapshot_that_is_not_there_or_says_nothing_is_no_backup(
    host: Practice, given: dict[str, str], why: str
) -> None:
    told, proof = restore(host, **given)
    assert (told.code, told.changed) == (0, ())
    assert why in proof.findings["restore"]


def test_too_slow_is_a_failure_and_without_room_nothing_is_begun(host: Practice) -> None:
    assert set(restore(host, rto="0s")[1].findings) == {"rto", "passed-over"}
    host.root("mkdir -p /small; mountpoint -q /small || mount -t tmpfs -o size=8m none /small")
    told = run(host, "restore.sh", scratch="/small")
    assert (told.code, told.changed) == (75, ())
    assert "the sample and a reserve need" in told.why


def test_what_a_cut_leaves_the_undo_removes_and_so_does_the_next_run(host: Practice) -> None:
    argv = ["sh", "-c", "cat >/usr/local/bin/sha256sum; chmod 755 /usr/local/bin/sha256sum"]
    killer = "#!/bin/sh\npkill -9 -f 'restore-test-snapshots[.]XXXXXX'\n"
    assert host.lab.inside(host.name, argv, killer).returncode == 0
    killed = run(host, "restore.sh")
    host.root("rm /usr/local/bin/sha256sum; rm -rf /run/restore-test-snapshots.*")
    assert killed.code not in {0, 75}
    assert run(host, "verify.sh").why == f"the scratch folder {PLACE} is still there"
    host.root(f"cp -a {PLACE} /var/tmp/msp-ops-restore-test-r0; mkdir -p /var/lib/msp-ops/kept/r0/begun-snapshots")
    undone = run(host, "undo.sh")
    assert (undone.code, len(undone.changed)) == (0, 1)
    assert (run(host, "undo.sh").code, run(host, "undo.sh").changed) == (0, ())
    told, _ = restore(host)
    assert len(told.changed) == 2
    assert host.ends("ls -d /var/tmp/msp-ops-restore-test-*") != 0
