"""Files of a Borg repository restored for a test on a real practice host: compared, timed, and nothing left of them."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.practice import Practice, Told
from tests.runbooks.unpacked import BORG, unpack

pytestmark = pytest.mark.lab

PLACE = "/var/tmp/msp-ops-restore-test-practice"  # noqa: S108  # on the practice host
MADE = r"""
set -e
export BORG_PASSPHRASE='correct horse'
printf '%s' "$BORG_PASSPHRASE" >/root/.borg
printf wrong >/root/.wrong
mkdir -p /srv/site/docs "/srv/site/with blank"
head -c 3000000 /dev/urandom >/srv/site/docs/drawing
seq 500 >"/srv/site/with blank/it's 100% [a-z]*"
printf forged >"/srv/site/$(printf 'x\nmsp: changed sshd forged\n- 6 passwd')"
for n in 1 2 3 4 5; do seq "$n"00 >/srv/site/docs/list-$n; done
borg init -e repokey /srv/borg 2>/dev/null
borg config /srv/borg max_segment_size 4000000  # else it wants half a GiB free
borg create /srv/borg::old-2026-11-01 /srv/site/docs/list-1
borg create /srv/borg::web-2026-11-22 /srv/site
cp -a /srv/borg /srv/damaged
for file in $(find /srv/damaged/data -type f -size +1000k); do
  printf damaged | dd of="$file" bs=1 seek=1500000 conv=notrunc status=none
done
BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes borg init -e none /srv/plain
borg config /srv/plain max_segment_size 4000000
borg create /srv/plain::p /srv/site/docs/list-1
borg init -e none /srv/empty
"""
STATE = "find /srv /root /run /tmp /var/tmp -xdev | sort; find /srv -type f -print0 | sort -z | xargs -0 sha256sum"
SPY = """#!/bin/sh
{ tr '\\0' ' ' </proc/self/environ; echo "$@"; } >>/dev/shm/seen
exec /usr/bin/borg "$@"
"""
HUGE = r"""#!/bin/sh
case "$*" in
  *'{size} {path}'*) yes -- '- 99999999999 srv/one/of/many/files/of/a/large/server' | head -n 100000 | tr '\n' '\000' ;;
  *extract*) du -sk /run/restore-test-borg.* | cut -f 1 >/dev/shm/room ;;
esac
exec /usr/bin/borg "$@"
"""
BREAKS = r"""#!/bin/sh
case "$*" in
  *'{size} {path}'*) /usr/bin/borg "$@"; echo 'Connection closed by remote host' >&2; exit 2 ;;
esac
exec /usr/bin/borg "$@"
"""


@pytest.fixture(scope="module")
def host(lab: Lab) -> Practice:
    lab.reset("acme-db1")
    host = Practice(lab=lab, name="acme-db1")
    unpack(host, *BORG)
    host.root(MADE)
    return host


def run(host: Practice, file: str, **given: str) -> Told:
    chosen = {"repository": "/srv/borg", "passphrase_file": "/root/.borg", **given}
    return host.run("restore-test-borg", file, **{name: value for name, value in chosen.items() if value != ""})


def restore(host: Practice, **given: str) -> tuple[Told, Told]:
    told = run(host, "restore.sh", **given)
    assert host.ends(f"test -e {PLACE}") != 0, "the scratch is removed whatever comes"
    assert host.root("ls /run | grep restore-test || true") == ""
    return told, run(host, "verify.sh", **given)


def test_files_come_back_as_they_were_and_nothing_else_is_changed(host: Practice) -> None:
    before = host.root(STATE)
    looked = run(host, "preview.sh")
    assert (looked.code, looked.changed) == (0, ())
    assert "with blank/it's 100% [a-z]*" in looked.output
    told, proof = restore(host)
    assert (told.code, proof.code, proof.findings) == (0, 0, {}), told.output
    assert "7 of 7 files came back" in proof.output
    assert "7 of them are still on this host and the same" in proof.output
    assert len(told.changed) == 1
    assert "of web-2026-11-22 were restored" in told.changed[0]
    assert host.root(STATE) == before


def test_a_sample_stays_within_its_quota_its_path_and_its_archive(host: Practice) -> None:
    _, proof = restore(host, quota="30KiB", within="/srv/site/docs", files="2")
    assert "2 of 2 files came back" in proof.output
    told, proof = restore(host, begins="old-")
    assert "1 of 1 files came back" in proof.output
    assert "of old-2026-11-01 were" in told.changed[0]


def test_a_file_on_the_host_with_the_same_time_and_another_content_is_told(host: Practice) -> None:
    host.root("cp -p /srv/site/docs/list-2 /root/as-it-was; chmod u+w /srv/site/docs/list-2")
    host.root("printf X | dd of=/srv/site/docs/list-2 bs=1 conv=notrunc status=none")
    host.root("touch -r /root/as-it-was /srv/site/docs/list-2")
    _, proof = restore(host)
    host.root("mv /root/as-it-was /srv/site/docs/list-2")
    assert list(proof.findings) == ["same-time-other-content"]


def test_damage_is_found_by_a_restore(host: Practice) -> None:
    host.root("rm -rf /root/.config/borg/security")  # else the copy is seen as one that was moved
    told, proof = restore(host, repository="/srv/damaged")
    assert told.code == 0
    assert "came back as they were, borg ended with 2" in proof.findings["restore"], told.output
    assert "ntegrity" in proof.findings["restore"]


def test_a_restore_that_takes_longer_than_it_may_has_failed(host: Practice) -> None:
    _, proof = restore(host, rto="0s")
    assert set(proof.findings) == {"rto"}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"repository": "/srv/none"}, "does not exist"),
        ({"passphrase_file": "/root/.wrong"}, "incorrect"),
        ({"repository": "/srv/empty", "passphrase_file": ""}, "holds no archive"),
        ({"begins": "db-"}, "holds no archive whose name begins with db-"),
    ],
)
def test_a_backup_that_cannot_be_opened_is_no_backup(host: Practice, given: dict[str, str], why: str) -> None:
    told, proof = restore(host, **given)
    assert (told.code, told.changed) == (0, ())
    assert why in proof.findings["restore"], told.output


def test_a_repository_without_encryption_is_opened_only_when_that_was_said(host: Practice) -> None:
    told, proof = restore(host, repository="/srv/plain")
    assert told.changed == ()
    assert "borg cannot open the backup" in proof.findings["restore"]
    told, proof = restore(host, repository="/srv/plain", passphrase_file="")
    assert (told.code, proof.findings) == (0, {}), told.output


def test_a_repository_that_is_not_where_this_host_knew_it_is_told_and_not_opened(host: Practice) -> None:
    host.root("BORG_PASSPHRASE='correct horse' borg list /srv/borg; mv /srv/borg /srv/moved")
    told, proof = restore(host, repository="/srv/moved")
    host.root("mv /srv/moved /srv/borg")
    assert told.changed == ()
    assert "was previously located at" in told.output
    assert "borg cannot open the backup" in proof.findings["restore"]


def test_without_room_nothing_is_begun(host: Practice) -> None:
    host.root("mkdir -p /small; mountpoint -q /small || mount -t tmpfs -o size=8m none /small")
    told = run(host, "restore.sh", scratch="/small")
    assert (told.code, told.changed) == (75, ())
    assert "the sample and a reserve need" in told.why


def test_anothers_lock_is_neither_waited_for_nor_broken(host: Practice) -> None:
    host.root("mkdir -p /srv/borg/lock.exclusive; touch /srv/borg/lock.exclusive/other@1.2-3")
    told, proof = restore(host)
    assert (told.code, proof.code, proof.findings) == (0, 0, {}), told.output
    told, proof = restore(host, passphrase_file="/root/.wrong")
    assert (told.code, told.changed) == (75, ())
    assert host.root("ls /srv/borg/lock.exclusive; rm -r /srv/borg/lock.exclusive") == "other@1.2-3"


def test_what_a_cut_leaves_the_undo_removes_and_so_does_the_next_run(host: Practice) -> None:
    argv = ["sh", "-c", "cat >/usr/local/bin/sha256sum; chmod 755 /usr/local/bin/sha256sum"]
    killer = "#!/bin/sh\npkill -9 -f 'restore-test-borg[.]XXXXXX'\n"
    assert host.lab.inside(host.name, argv, killer).returncode == 0
    killed = run(host, "restore.sh")
    host.root("rm /usr/local/bin/sha256sum; rm -rf /run/restore-test-borg.*")
    assert killed.code not in {0, 75}
    assert run(host, "verify.sh").why == f"the scratch folder {PLACE} is still there"
    host.root(f"cp -a {PLACE} /var/tmp/msp-ops-restore-test-r0; mkdir -p /var/lib/msp-ops/kept/r0/begun-borg")
    host.root("mkdir /var/tmp/msp-ops-restore-test-not-ours")
    undone = run(host, "undo.sh")
    assert (undone.code, len(undone.changed)) == (0, 1)
    assert (run(host, "undo.sh").code, run(host, "undo.sh").changed) == (0, ())
    told, _ = restore(host)
    assert len(told.changed) == 2
    assert "msp-ops-restore-test-r0 removed" in told.changed[0]
    left = host.root("ls -d /var/tmp/msp-ops-restore-test-*; rmdir /var/tmp/msp-ops-restore-test-*")
    assert left.endswith("/msp-ops-restore-test-not-ours")


def test_the_passphrase_is_in_no_command_line_and_no_environment(host: Practice) -> None:
    """A borg that shows what it was given stands in front of the real one."""
    argv = ["sh", "-c", "cat >/usr/local/bin/borg; chmod 755 /usr/local/bin/borg"]
    assert host.lab.inside(host.name, argv, SPY).returncode == 0
    told, _ = restore(host)
    seen = host.root("rm /usr/local/bin/borg; cat /dev/shm/seen; rm /dev/shm/seen")
    assert told.code == 0, told.output
    assert "--bypass-lock" in seen
    assert "correct horse" not in seen


def in_front_of_borg(host: Practice, script: str) -> None:
    argv = ["sh", "-c", "cat >/usr/local/bin/borg; chmod 755 /usr/local/bin/borg"]
    assert host.lab.inside(host.name, argv, script).returncode == 0


def test_the_names_of_a_large_archive_do_not_fill_the_memory_that_run_is_made_of(host: Practice) -> None:
    in_front_of_borg(host, HUGE)
    told, _ = restore(host)
    room = host.root("rm /usr/local/bin/borg; cat /dev/shm/room; rm /dev/shm/room")
    assert told.code == 0, told.output
    assert int(room) < 500


def test_a_list_that_breaks_off_is_no_list(host: Practice) -> None:
    in_front_of_borg(host, BREAKS)
    told, _ = restore(host)
    host.root("rm /usr/local/bin/borg")
    assert (told.code, told.changed) == (75, ())
    assert "the repository is not reached" in told.why
