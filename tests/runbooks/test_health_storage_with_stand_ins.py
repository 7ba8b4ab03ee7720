"""Disks, arrays and pools that no practice host has.

The texts are written after what the programs document: /proc/mdstat as `md_seq_show` of the kernel prints it, the
gron form of smartctl and its bits as manual page and version 7.3 have them, `zpool status`, `btrfs device stats` and
`lvs` as their manual pages do. Recorded is one: smartctl 7.3 about a disk of virtio. None of it comes from failing
hardware.
"""

import os

import pytest

from tests.runbooks.practice import Told
from tests.runbooks.stand_ins import StandIns

pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root; CI runs as root")]

HEAD = "Personalities : [raid1] [raid6] [raid5] [raid4] [raid0] \n"
TAIL = "unused devices: <none>\n"
WHOLE = "md0 : active raid1 sdb1[1] sda1[0]\n      1953381376 blocks super 1.2 [2/2] [UU]\n      bitmap: 0/15 pages\n\n"
LEFT_ALONE = "md0 : active raid1 sda1[0]\n      1953381376 blocks super 1.2 [2/1] [U_]\n\n"
FAULTY = "md0 : active raid1 sdb1[1](F) sda1[0]\n      1953381376 blocks super 1.2 [2/1] [U_]\n\n"
REBUILDS = (
    "md1 : active raid5 sdd1[3] sdb1[1] sda1[0]\n"
    "      3906762752 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [UU_]\n"
    "      [==>..................]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec\n\n"
)
STRIPES = "md2 : active raid0 sdc2[0] sdd2[1]\n      3886394368 blocks super 1.2 512k chunks\n\n"
DEAD = "md3 : inactive sdb2[1](S)\n      4883648 blocks super 1.2\n\n"
CONTAINER = "md127 : inactive sdb[1](S) sda[0](S)\n      7932 blocks super external:imsm\n\n"
CHECKED = "md4 : active raid1 sdb3[1] sda3[0]\n      1993728 blocks [2/2] [UU]\n      resync=DELAYED\n\n"

GOOD = """json = {};
json.smartctl.exit_status = 0;
json.model_name = "ACME 4000";
json.smart_status.passed = true;
json.ata_smart_attributes.table[0].id = 5;
json.ata_smart_attributes.table[0].name = "Reallocated_Sector_Ct";
json.ata_smart_attributes.table[0].raw.value = 0;
json.ata_smart_attributes.table[1].id = 197;
json.ata_smart_attributes.table[1].name = "Current_Pending_Sector";
json.ata_smart_attributes.table[1].raw.value = 0;
json.power_on_time.hours = 1830;
json.temperature.current = 31;
"""
NVME = """json = {};
json.smart_status.passed = false;
json.nvme_smart_health_information_log.critical_warning = 4;
json.nvme_smart_health_information_log.percentage_used = 97;
json.nvme_smart_health_information_log.media_errors = 3;
json.temperature.current = 52;
"""
SAS = """json = {};
json.smart_status.passed = true;
json.scsi_grown_defect_list = 12;
json.scsi_error_counter_log.read.total_uncorrected_errors = 2;
json.scsi_error_counter_log.write.total_uncorrected_errors = 0;
"""
RECORDED_VIRTIO = """json = {};
json.json_format_version = [];
json.smartctl = {};
json.smartctl.messages = [];
json.smartctl.messages[0] = {};
json.smartctl.messages[0].string = "/dev/vda: Unable to detect device type";
json.smartctl.messages[0].severity = "error";
json.smartctl.exit_status = 1;
"""
DEGRADED_POOL = """  pool: tank
 state: DEGRADED
status: One or more devices could not be used because the label is missing or
\tinvalid.  Sufficient replicas exist for the pool to continue
\tfunctioning in a degraded state.
action: Replace the device using 'zpool replace'.
  scan: none requested
config:

\tNAME        STATE     READ WRITE CKSUM
\ttank        DEGRADED     0     0     0

errors: No known data errors
"""
BTRFS = """[/dev/sdb].write_io_errs    4
[/dev/sdb].read_io_errs     0
[/dev/sdb].flush_io_errs    0
[/dev/sdb].corruption_errs  1
[/dev/sdb].generation_errs  0
"""


@pytest.fixture
def host(tmp_path) -> StandIns:
    host = StandIns(tmp_path)
    host.file("/proc/mounts", "/dev/sda1 / ext4 rw 0 0\n")
    host.file("/proc/self")
    host.file("/sys/block/vda/removable", "0\n")
    return host


def storage(host: StandIns, script: str, shell: str = "sh", **parameters: str) -> Told:
    return host.run("health-storage", f"{script}.sh", {"pool-limit": "80"} | parameters, shell=shell)


def raid(host: StandIns, *arrays: str, shell: str = "sh") -> Told:
    host.file("/proc/mdstat", HEAD + "".join(arrays) + TAIL)
    return storage(host, "raid", shell)


def measured(told: Told) -> dict[str, str]:
    return {one.name: str(one.value) for one in told.report.reading.measurements}


def disk(host: StandIns, text: str, code: int = 0, scan: str = "/dev/sda -d sat # /dev/sda [SAT], ATA device") -> Told:
    """A host with one disk of which smartctl says this."""
    host.file("/sys/block/sda/device/model", "ACME 4000\n")
    host.file("/sys/block/sda/removable", "0\n")
    host.file("/proc/smartctl", text)
    host.program("smartctl", f'case $1 in --scan) echo "{scan}" ;; *) cat /proc/smartctl; exit {code} ;; esac')
    return storage(host, "disks")


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_arrays_that_are_whole_are_no_finding(host: StandIns, shell: str) -> None:
    told = raid(host, WHOLE, STRIPES, shell=shell)
    assert (told.code, told.findings) == (0, {}), told.output
    assert measured(told) == {"raid_missing:md0": "0"}


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_an_array_without_one_of_its_members_is_critical_until_a_rebuild_is_at_work(host: StandIns, shell: str) -> None:
    told = raid(host, LEFT_ALONE, REBUILDS, shell=shell)
    assert told.findings == {
        "md0": "critical has 1 of 2 members [U_]: no rebuild is at work",
        "md1": "warning has 2 of 3 members, and a rebuild is at work: recovery = 12.6%",
    }


def test_a_member_that_was_thrown_out_and_an_array_that_does_not_run_are_told(host: StandIns) -> None:
    told = raid(host, FAULTY, DEAD, CHECKED)
    assert set(told.findings) == {"md0", "md0:sdb1", "md3", "md4"}
    assert told.findings["md3"].startswith("critical is inactive")
    assert told.findings["md4"].startswith("info")


def test_a_container_of_external_metadata_never_runs_by_itself(host: StandIns) -> None:
    assert raid(host, CONTAINER, WHOLE).findings == {}


def test_an_array_that_mdadm_calls_lost_is_critical_and_one_that_it_cannot_read_unknown(host: StandIns) -> None:
    host.prints("mdadm", "State : clean, FAILED\n", code=2)
    assert raid(host, STRIPES).findings == {"md2": "critical mdadm calls it unusable"}
    host.prints("mdadm", "mdadm: cannot open /dev/md2: No such file or directory\n", code=4)
    told = raid(host, STRIPES)
    assert (told.code, told.why) == (75, "mdadm cannot tell how md2 is: it ended with 4")


def test_an_mdstat_that_nobody_understands_is_not_green(host: StandIns) -> None:
    host.file("/proc/mdstat", "something new\n")
    assert storage(host, "raid").code == 75


def test_a_disk_that_is_well_is_measured_and_no_finding(host: StandIns) -> None:
    told = disk(host, GOOD)
    assert (told.code, told.findings) == (0, {}), told.output
    assert measured(told) == {
        "disk_reallocated:sda": "0",
        "disk_pending:sda": "0",
        "disk_temperature:sda": "31",
        "disk_hours:sda": "1830",
    }


@pytest.mark.parametrize(
    ("bit", "subject", "severity"),
    [
        (3, "failing", "critical"),
        (4, "prefail", "critical"),
        (5, "was-below", "warning"),
        (6, "error-log", "info"),
        (7, "self-test", "warning"),
    ],
)
def test_each_bit_of_smartctls_exit_code_is_a_finding_of_its_own(
    host: StandIns, bit: int, subject: str, severity: str
) -> None:
    told = disk(host, GOOD, code=1 << bit)
    assert told.code == 0, told.output
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {f"sda:{subject}": severity}


def test_several_bits_and_counters_are_several_findings(host: StandIns) -> None:
    told = disk(host, GOOD.replace("raw.value = 0", "raw.value = 8"), code=0b11000000 | 4)
    assert set(told.findings) == {"sda:error-log", "sda:self-test", "sda:reallocated", "sda:pending"}
    assert told.code == 0


def test_a_disk_that_cannot_be_asked_is_unknown_in_smartctls_own_words(host: StandIns) -> None:
    told = disk(host, RECORDED_VIRTIO, code=1)
    assert (told.code, told.findings) == (75, {})
    assert "Unable to detect device type" in told.why


def test_a_disk_that_tells_everything_but_whether_it_is_well_is_unknown(host: StandIns) -> None:
    assert disk(host, GOOD.replace("smart_status", "elsewhere"), code=4).code == 75


def test_what_nvme_and_sas_disks_count_is_told(host: StandIns) -> None:
    told = disk(host, NVME, code=8, scan="/dev/nvme0 -d nvme # /dev/nvme0, NVMe device")
    assert {"nvme0:failing", "nvme0:warning", "nvme0:media", "nvme0:worn"} <= set(told.findings)
    told = disk(host, SAS, scan="/dev/bus/0 -d megaraid,4 # /dev/bus/0 [megaraid_disk_04], SCSI device")
    assert {"bus/0:megaraid,4:defects", "bus/0:megaraid,4:uncorrected"} <= set(told.findings)


def test_a_disk_that_smartctl_does_not_find_is_asked_all_the_same(host: StandIns) -> None:
    assert "sda: smartctl ended with 0" in disk(host, GOOD, scan="").output


def test_an_old_smartctl_without_json_is_judged_by_its_bits(host: StandIns) -> None:
    host.file("/sys/block/sda/device/model", "ACME 4000\n")
    host.program("smartctl", 'case $1 in --scan) echo "/dev/sda -d sat # x" ;; --json*) exit 1 ;; *) exit 8 ;; esac')
    told = storage(host, "disks")
    assert (told.code, set(told.findings)) == (0, {"sda:failing"})


def test_without_smartctl_real_disks_are_unknown_and_lent_ones_no_matter(host: StandIns) -> None:
    host.file("/sys/block/sdb/device/model", "QEMU HARDDISK\n")
    assert storage(host, "disks").code == 0
    host.file("/sys/block/sda/device/model", "ACME 4000\n")
    told = storage(host, "disks")
    assert told.code == 75
    assert "sda" in told.why
    assert "sdb" not in told.why


def test_a_degraded_pool_is_critical_in_the_words_of_zfs(host: StandIns) -> None:
    host.file("/proc/spl/kstat/zfs/arcstats")
    host.prints("zpool", DEGRADED_POOL)
    told = storage(host, "zfs")
    assert told.findings["tank"].startswith("critical is DEGRADED: One or more devices could not be used")
    assert told.findings["tank"].endswith("in a degraded state.")


def test_pools_that_are_healthy_are_no_finding_and_strange_words_not_green(host: StandIns) -> None:
    host.file("/proc/spl/kstat/zfs/arcstats")
    host.prints("zpool", "all pools are healthy\n")
    assert (storage(host, "zfs").code, storage(host, "zfs").findings) == (0, {})
    host.prints("zpool", "something new\n")
    assert storage(host, "zfs").code == 75
    host.prints("zpool", "no pools available\n", code=1)
    assert storage(host, "zfs").code == 75


def test_zfs_without_its_program_is_unknown(host: StandIns) -> None:
    host.file("/proc/spl/kstat/zfs/arcstats")
    assert storage(host, "zfs").code == 75


def test_lost_writes_and_lost_data_of_btrfs_are_told_apart(host: StandIns) -> None:
    host.file("/proc/mounts", "/dev/sdb /srv/my\\040data btrfs rw,degraded 0 0\n")
    host.program("btrfs", f"[ \"$4\" = '/srv/my data' ] || exit 1\ncat <<'E'\n{BTRFS}E")
    told = storage(host, "btrfs")
    assert told.code == 0, told.output
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {
        "sdb:write_io_errs": "warning",
        "sdb:corruption_errs": "critical",
        "degraded": "critical",
    }


def test_btrfs_that_cannot_be_asked_is_unknown(host: StandIns) -> None:
    host.file("/proc/mounts", "/dev/sdb /srv btrfs rw 0 0\n")
    assert storage(host, "btrfs").code == 75
    host.prints("btrfs", "ERROR: not a btrfs filesystem: /srv\n", code=1)
    told = storage(host, "btrfs")
    assert told.code == 75
    assert "not a btrfs filesystem" in told.why


def lvm(host: StandIns, *volumes: str, missing: int = 0) -> Told:
    host.prints("lvs", "".join(f"  {volume}\n" for volume in volumes))
    host.prints("vgs", f"  vg0|{missing}\n")
    return storage(host, "lvm")


def test_a_thin_pool_that_fills_up_is_told_in_data_and_metadata(host: StandIns) -> None:
    told = lvm(host, "vg0|pool|thin-pool|83.10|97.00||", "vg0|web|thin|40.00|||", "vg0|root|linear||||")
    assert {subject: text.split()[0] for subject, text in told.findings.items()} == {
        "vg0/pool:data": "warning",
        "vg0/pool:metadata": "critical",
    }
    assert measured(told) == {"lvm_data:vg0/pool": "83.10", "lvm_metadata:vg0/pool": "97.00"}


def test_a_full_snapshot_a_lost_disk_and_a_volume_in_pieces_are_told(host: StandIns) -> None:
    told = lvm(host, "vg0|before|linear|99.00||root|", "vg0|data|raid1||||partial", missing=1)
    assert set(told.findings) == {"vg0/before:snapshot", "vg0/data:health", "vg0"}


def test_lvm_that_cannot_be_asked_is_unknown(host: StandIns) -> None:
    host.prints("lvs", "", code=5)
    assert storage(host, "lvm").code == 75


def test_logical_volumes_without_lvm_are_unknown(host: StandIns) -> None:
    host.file("/sys/block/dm-0/dm/uuid", "LVM-abc\n")
    assert storage(host, "lvm").code == 75
