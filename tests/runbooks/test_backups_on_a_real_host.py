"""Backups on a real practice host: fresh, stale, and damaged so that only reading them shows it."""

import pytest

from msp_ops.domain.finding import Reading
from tests.runbooks.practice import Practice

pytestmark = pytest.mark.lab

RESTIC = {"repository": "/srv/backup/restic", "password-file": "/root/.restic-password", "max-age": "93600"}
POSTGRES = {"folder": "/srv/backup/postgres", "max-age": "93600"}


def restic(host: Practice, percent: str = "100") -> Reading:
    return host.look("backup-restic", {**RESTIC, "read-data": percent})


def postgres(host: Practice) -> Reading:
    return host.look("backup-postgres", POSTGRES)


def levels(reading: Reading) -> list[int]:
    return [int(one.value) for one in reading.measurements if one.name == "backup_level"]


def test_fresh_backups_are_proved_by_reading_their_data(db1: Practice) -> None:
    for reading in (restic(db1), postgres(db1)):
        assert (reading.findings, levels(reading)) == ((), [2])


def test_looking_leaves_the_repository_and_the_host_as_they_were(db1: Practice) -> None:
    state = "find /srv/backup /root -type f | sort; find /srv/backup -type f -exec sha256sum {} + | sort"
    before = db1.root(state)
    restic(db1)
    postgres(db1)
    assert db1.root(state) == before


def test_backups_of_three_days_ago_are_a_failure_at_no_level(db1: Practice) -> None:
    db1.break_("backup-stale")
    for reading in (restic(db1), postgres(db1)):
        assert {finding.severity for finding in reading.findings} == {"critical"}
        assert all(finding.subject.endswith(": age") for finding in reading.findings)
        assert levels(reading) == []


def test_a_damaged_pack_is_found_though_restics_own_check_calls_it_sound(db1: Practice) -> None:
    db1.break_("backup-corrupt")
    assert db1.ends("restic --no-cache -r /srv/backup/restic -p /root/.restic-password check") == 0
    reading = restic(db1)
    assert [finding.subject for finding in reading.findings] == ["stored data"]
    assert levels(reading) == [1]


def test_a_dump_whose_name_no_line_can_hold_leaves_the_look_unverified(db1: Practice) -> None:
    db1.root("""printf cut >"$(printf '/srv/backup/postgres/crm.dump\\r')" """)
    db1.root("cd /srv/backup/postgres; printf cut >hr.SQL; touch -d '1 hour ago' hr.SQL")
    reading = postgres(db1)
    assert reading.untold == "1 file with control characters in its name was not looked at"
    assert (levels(reading), "hr.SQL" in "".join(one.name for one in reading.measurements)) == ([], True)


def test_half_a_dump_is_found_though_pg_restore_can_list_it(db1: Practice) -> None:
    db1.break_("backup-corrupt")
    assert db1.ends("pg_restore --list /srv/backup/postgres/shop.dump") == 0
    reading = postgres(db1)
    assert {finding.subject for finding in reading.findings} == {"shop.dump: data", "shop.sql.gz: data"}
    assert levels(reading) == [0]
