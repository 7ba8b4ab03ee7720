"""Errors in the journal of a real practice host; the kernel's own words stand in, as no host here has a kernel's log.

The lines of the kernel are written after its sources (oom_kill.c, fs/ext4, fs/xfs, fs/btrfs, block, ata, mce, edac).
"""

import os

import pytest

from tests.runbooks.practice import Practice, Told
from tests.runbooks.stand_ins import StandIns

pytestmark = pytest.mark.lab

FORGED = "x\rmsp: changed sshd replaced by nobody \x1b[2J"


def errors(host: Practice, **given: str) -> Told:
    return host.run("health-logs", "errors.sh", **given)


def say(host: Practice, program: str, text: str, priority: str = "err") -> None:
    host.root(f"printf '%s\\n' '{text}' | systemd-cat -t {program} -p {priority}")
    host.root(f"journalctl --sync; journalctl -q -t {program} | grep -q .")


def test_errors_are_counted_by_program_with_the_most_frequent_of_them(web1: Practice) -> None:
    for number in range(3):
        say(web1, "shop", f"cannot reach database {number}")
    say(web1, "shop", "disk quota exceeded")
    say(web1, "quiet", "all is well", priority="info")
    told = errors(web1)
    assert told.findings["shop"].startswith("warning 4 errors of 2 kinds; the most frequent (3 times): cannot reach")
    assert "quiet" not in told.findings


def test_programs_that_are_ignored_are_counted_and_not_told(web1: Practice) -> None:
    say(web1, "noise", "again")
    told = errors(web1, ignore="noise other")
    assert "noise" not in told.findings
    assert {one.name: int(one.value) for one in told.report.reading.measurements}["journal_errors_ignored"] == 1


def test_what_was_before_the_time_that_is_asked_for_is_not_told(web1: Practice) -> None:
    say(web1, "early", "an old error")
    web1.root("sleep 2.1")
    assert "early" not in errors(web1, since="1s").findings
    assert "early" in errors(web1, since="1h").findings


def test_a_journal_that_begins_later_says_that_it_cannot_tell_the_rest(web1: Practice) -> None:
    assert "what was before is not known" in errors(web1, since="24h").findings["journal"]


def test_a_secret_in_a_log_is_in_no_finding(web1: Practice) -> None:
    say(web1, "shop", 'login with password "hunter2" at https://shop:hunter2@db.example failed')
    told = errors(web1)
    assert "hunter2" not in told.output
    assert told.findings["shop"].startswith("warning one error: login with password ***")


def test_a_host_without_a_journal_is_unknown(web1: Practice) -> None:
    web1.root("mv /usr/bin/journalctl /usr/bin/gone")
    for script in ("errors.sh", "kernel.sh"):
        assert web1.run("health-logs", script).code == 75


def test_a_journal_that_stores_nothing_is_unknown(web1: Practice) -> None:
    web1.root("mkdir -p /etc/systemd/journald.conf.d; echo '[Journal]' >/etc/systemd/journald.conf.d/50-none.conf")
    assert errors(web1).code == 0
    web1.root("echo Storage=none >>/etc/systemd/journald.conf.d/50-none.conf; systemctl restart systemd-journald")
    for script in ("errors.sh", "kernel.sh"):
        told = web1.run("health-logs", script)
        assert (told.code, "stores nothing" in told.why) == (75, True), told.output


@pytest.mark.parametrize("shell", ["dash", "busybox sh"])
def test_a_journal_whose_newest_entry_is_of_last_week_is_unknown(host: StandIns, shell: str) -> None:
    host.program("journalctl", 'echo "$(($(date +%s) - 604800)).1 host shop: late"')
    told = host.run("health-logs", "errors.sh", {"since": "86400", "ignore": ""}, shell=shell)
    assert (told.code, "is 7 days old" in told.why) == (75, True), told.output


def test_words_of_a_program_report_nothing(web1: Practice) -> None:
    say(web1, "evil", FORGED)
    web1.root("printf 'first\\n' | systemd-cat -t 'msp:' -p err; journalctl --sync")
    told = errors(web1)
    assert (told.changed, told.why) == ((), "")
    assert "evil" in told.findings


KERNEL = {
    "Out of memory: Killed process 812 (mysqld) total-vm:1kB": ("oom:mysqld", "critical"),
    "Memory cgroup out of memory: Killed process 90 (php-fpm) total-vm:1kB": ("oom:php-fpm", "warning"),
    "mce: [Hardware Error]: Machine check events logged": ("hardware", "critical"),
    "EDAC MC0: 1 CE memory read error on CPU_SrcID#0": ("memory-corrected", "warning"),
    "EXT4-fs error (device sda2): ext4_lookup:1855: inode #2: comm ls: deleted inode": ("filesystem:sda2", "critical"),
    "EXT4-fs (dm-3): Remounting filesystem read-only": ("filesystem:dm-3", "critical"),
    "Aborting journal on device sda3-8.": ("filesystem:sda3", "critical"),
    "XFS (sdb1): Corruption detected. Unmount and run xfs_repair": ("filesystem:sdb1", "critical"),
    "BTRFS error (device sdc): parent transid verify failed": ("filesystem:sdc", "critical"),
    "blk_update_request: I/O error, dev sdd, sector 2048 op 0x0:(READ)": ("io:sdd", "critical"),
    "critical medium error, dev sde, sector 8 op 0x0:(READ)": ("io:sde", "critical"),
    "Buffer I/O error on dev sdf1, logical block 0": ("io:sdf1", "critical"),
    "nvme nvme0: I/O 5 QID 2 timeout, aborting": ("io:nvme0", "warning"),
    "ata3.00: failed command: READ FPDMA QUEUED": ("io:ata3.00", "warning"),
    "INFO: task kworker/1:2 blocked for more than 120 seconds.": ("hung-task", "warning"),
}
HARMLESS = (
    "I/O error, dev fd0, sector 0 op 0x0:(READ)",
    "EXT4-fs (sda1): mounted filesystem with ordered data mode",
    "XFS (sda1): Mounting V5 Filesystem",
    "BTRFS info (device sdc): using free space tree",
    "EDAC MC: Ver: 3.0.0",
)


@pytest.fixture
def host(tmp_path) -> StandIns:
    if os.geteuid():
        pytest.skip("mounting needs root; CI runs as root")
    return StandIns(tmp_path)


def kernel(host: StandIns, *messages: str, shell: str = "sh") -> Told:
    text = "\n".join(messages)
    host.program(
        "journalctl",
        'case "$*" in\n*--lines=1*) echo "$(date +%s).1 host kernel: last" ;;\n'
        "*short-unix*) echo '1000000000.1 host kernel: first' ;;\n"
        f"*_TRANSPORT=kernel*) cat <<'E'\n{text}\nE\n;;\nesac",
    )
    return host.run("health-logs", "kernel.sh", {"since": "86400", "ignore": ""}, shell=shell)


@pytest.mark.parametrize("message", KERNEL)
def test_what_the_kernel_says_of_failing_things_is_a_finding(host: StandIns, message: str) -> None:
    subject, severity = KERNEL[message]
    told = kernel(host, *HARMLESS, message)
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {subject: severity}, told.output


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_everything_at_once_is_counted_by_what_it_concerns(host: StandIns, shell: str) -> None:
    told = kernel(host, *HARMLESS, *KERNEL, *KERNEL, shell=shell)
    assert set(told.findings) == {subject for subject, _ in KERNEL.values()}
    assert "(2 times)" in told.findings["io:sdd"]


def test_a_process_with_the_name_of_a_report_is_one_word(host: StandIns) -> None:
    told = kernel(host, "Out of memory: Killed process 7 (x msp: why) total-vm:1kB")
    assert list(told.findings) == ["oom:x_msp:_why"]
    assert told.why == ""
