"""A file system that became read-only, on real practice hosts.

They have no disks of their own: what the kernel says of errors is put into the mouth of a stand-in for dmesg, and an
ext4 that is marked as damaged was not tried. A tmpfs stands for a file system that is read-only as a whole.
"""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

DMESG = """
printf '#!/bin/sh\\ncat /run/kernel-says\\n' >/usr/local/bin/dmesg; chmod 0755 /usr/local/bin/dmesg
printf '%s\\n' '[    0.0] Linux version 6.1' >/run/kernel-says
ls /sys/class/block | head -n 1 >/run/a-disk
"""


@pytest.fixture
def host(web1: Practice) -> Practice:
    web1.root(DMESG)
    return web1


def fix(host: Practice, path: str = "/") -> Told:
    return host.run("fix-readonly-fs", "fix.sh", path=path)


def verify(host: Practice, path: str = "/") -> Told:
    return host.run("fix-readonly-fs", "verify.sh", path=path)


def undo(host: Practice, path: str = "/") -> Told:
    return host.run("fix-readonly-fs", "undo.sh", path=path)


def can_write(host: Practice, folder: str) -> bool:
    return host.ends(f"touch {folder}/probe && rm {folder}/probe") == 0


def test_a_root_file_system_is_made_writable_once_and_can_be_taken_back(host: Practice) -> None:
    host.break_("readonly")
    assert verify(host).why == "/ is read-only"
    told = fix(host)
    assert told.code == 0, told.output
    assert told.changed == ("/ is writable",)
    assert can_write(host, "/srv")
    assert host.root("ls -A / | grep -c probe || true") == "0"
    assert verify(host).code == 0
    again = fix(host)
    assert (again.code, again.changed) == (0, ())
    host.root("journalctl --relinquish-var")
    assert undo(host).changed == ("/ is read-only again",)
    assert not can_write(host, "/srv")


def test_a_file_system_that_is_read_only_as_a_whole_is_made_writable(host: Practice) -> None:
    host.root("mkdir '/mnt/a b'; mount -t tmpfs lab '/mnt/a b'; mount -o remount,ro '/mnt/a b'")
    told = fix(host, "/mnt/a b")
    assert (told.code, told.changed) == (0, ("/mnt/a_b is writable",)), told.output
    assert verify(host, "/mnt/a b").code == 0
    assert undo(host).changed == ("/mnt/a_b is read-only again",)


@pytest.mark.parametrize(
    "says",
    [
        "EXT4-fs (dm-9z): Remounting filesystem read-only",
        "blk_update_request: critical medium error, dev zz9, sector 1",
        "XFS (zz9): log I/O error -5",
        "nvme nvme7: controller is down; will reset",
        "ata3.00: failed command: READ FPDMA QUEUED",
        "BTRFS error (device zz9): bad tree block",
    ],
)
def test_where_the_kernel_tells_of_errors_nothing_is_made_writable(host: Practice, says: str) -> None:
    host.root(f"mount -t tmpfs -o ro lab /mnt; echo '[ 9.1] {says}' >>/run/kernel-says")
    told = fix(host, "/mnt")
    assert (told.code, told.changed) == (75, ())
    assert says in told.why
    assert not can_write(host, "/mnt")
    assert says in host.run("fix-readonly-fs", "preview.sh", path="/mnt").output


def test_errors_of_another_disk_do_not_count_and_later_ones_do(host: Practice) -> None:
    host.root(
        'mount -t tmpfs -o ro lab /mnt; echo "[ 9.1] I/O error, dev $(cat /run/a-disk), sector 1" >>/run/kernel-says'
    )
    assert fix(host, "/mnt").code == 0
    host.root("echo '[ 9.2] EXT4-fs error: something' >>/run/kernel-says")
    assert verify(host, "/mnt").why == "the kernel tells of errors: EXT4-fs error: something"
    assert undo(host).changed == ("/mnt is read-only again",)


def test_what_is_meant_to_be_read_only_stays(host: Practice) -> None:
    host.root("echo 'lab /mnt tmpfs ro 0 0' >>/etc/fstab; mount /mnt")
    told = fix(host, "/mnt")
    assert (told.code, told.changed) == (75, ())
    assert "/etc/fstab says" in told.why
    host.root("sed -i '$d' /etc/fstab; printf '' >/run/kernel-says")
    told = fix(host, "/mnt")
    assert (told.code, told.why) == (75, "what the kernel says cannot be read: why it is read-only is not known")
