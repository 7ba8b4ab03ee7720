from datetime import UTC, datetime
from decimal import Decimal

from msp_ops.checks import disk, pending_reboot
from msp_ops.checks.base import Seen
from msp_ops.domain.client import Policy
from msp_ops.domain.finding import Finding
from msp_ops.reports import signals
from msp_ops.reports.signals import BackupLevel, Update

AT = datetime(2026, 11, 14, 21, 0, tzinfo=UTC)


def seen(output):
    return Seen(output=output, exit_code=0, parameters={}, policy=Policy(), at=AT)


def finding(check, subject, message):
    return Finding(check=check, subject=subject, severity="info", message=message)


def test_an_update_line_names_package_and_versions():
    assert signals.updates(["lab-lib 1.0-1 -> 1.0-1+deb12u1", "lab-new 2.0 (new)", "nginx.service restarted"]) == (
        Update(package="lab-lib", old="1.0-1", new="1.0-1+deb12u1"),
        Update(package="lab-new", old="", new="2.0"),
    )


def test_the_disk_check_still_measures_under_the_name_that_the_meter_reads():
    heading = "Filesystem Type 1024-blocks Used Available Capacity Mounted on"
    space = f"{heading}\n/dev/vda1 ext4 1000 880 120 88% /"
    inodes = f"{heading}\n/dev/vda1 ext4 1000 10 990 1% /"
    reading = disk.read(seen(f"== space\n{space}\n== inodes\n{inodes}\n== read-only\n== end"))
    assert signals.of_kind(reading.measurements, signals.DISK_USED) == {"/": Decimal(88)}
    assert signals.in_words(reading.findings[0]) == "Storage is filling up"


def test_where_a_look_was_is_no_part_of_what_it_is_called() -> None:
    assert signals.check_words("backup-postgres [folder=/srv/a]") == "database backup"
    assert signals.is_backup("backup-postgres [folder=/srv/a]")


def test_the_restart_check_still_finds_under_the_name_that_the_summary_reads():
    kernel = "6.1.0-28-amd64"
    answer = (
        f"== required\n/run/reboot-required\n== running\n{kernel}\n== build\n#1 SMP\n== package\n"
        f"== installed\n{kernel}\n== container\nnone\n== needrestart\n== end"
    )
    (found,) = pending_reboot.read(seen(answer)).findings
    assert found.check == signals.RESTART


def test_what_is_left_alone_on_purpose_is_told_from_what_waits():
    assert signals.left_alone(finding("patch-state", "held packages", "nginx, curl: a person holds them back")) == (
        "nginx, curl",
        "a person holds them back",
    )
    assert signals.left_alone(finding("patch-state", "updates", "3 wait: a, b, c")) is None


def test_a_certificate_is_named_by_its_file_alone():
    found = finding("certificates", "/etc/nginx/acme.pem", "expires in 12 days, on 2026-12-09")
    assert signals.detail(found) == "Acme.pem: expires in 12 days, on 2026-12-09"


def test_two_backups_are_told_apart_without_showing_address_or_password():
    place = signals.backup_place({"repository": "rest:https://user:secret@backup.example:8000/accounts/"})
    assert place == "accounts"


def test_a_level_that_nobody_defined_claims_nothing():
    assert signals.level(Decimal(2)) is BackupLevel.DATA_READ
    assert signals.level(Decimal(9)) is None
    assert signals.level(Decimal("1.5")) is None
