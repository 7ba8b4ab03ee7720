"""Backups as an ops engineer sees them: findings of one level, or place, are not closed by a look at another."""

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tests.runbooks.practice import Practice

pytestmark = pytest.mark.lab

Command = Callable[..., CompletedProcess[str]]

CHECK = ("run", "check-backup-mysql", "acme/db1", "--folder", "/srv/my", "--yes")
DUMP = "{ echo '-- MariaDB dump'; echo 'CREATE TABLE t ('; seq 9000; echo '-- Dump completed'; } | gzip"


def open_findings(command: Command) -> set[str]:
    listed = json.loads(command("findings", "list", "acme", "--json").stdout)
    return {f"{each['finding']['check']} {each['finding']['subject']}" for each in listed}


def test_a_level_closes_its_own_findings_only(db1: Practice, command: Command) -> None:
    place = "[folder=/srv/my] shop.sql.gz"
    age, data = f"check-backup-mysql/fresh {place}:age", f"check-backup-mysql/read {place}:data"
    db1.root(f"mkdir /srv/my; {DUMP} | head -c 9000 >/srv/my/shop.sql.gz; touch -d '3 days ago' /srv/my/shop.sql.gz")
    assert command(*CHECK).returncode == 1
    assert open_findings(command) == {age, data}

    db1.root("touch -d '1 hour ago' /srv/my/shop.sql.gz")
    assert command(*CHECK).returncode == 1
    assert open_findings(command) == {data}, "a fresh dump is still half a dump"

    db1.root("mv /bin/gzip /bin/gzip.away")
    unseen = command(*CHECK)
    assert "gzip is not installed" in unseen.stdout
    assert open_findings(command) == {data}, "who could not look closes nothing"

    db1.root(f"mv /bin/gzip.away /bin/gzip; {DUMP} >/srv/my/shop.sql.gz")
    sound = command(*CHECK)
    assert sound.returncode == 0, sound.stdout
    assert open_findings(command) == set()


def test_a_restore_for_a_test_is_run_proved_and_taken_back(db1: Practice, command: Command) -> None:
    restic = ("--repository", "/srv/backup/restic", "--password-file", "/root/.restic-password")
    done = command("run", "restore-test-restic", "acme/db1", *restic, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = json.loads(command("runs", "list", "acme", "--json").stdout)
    undone = command("runs", "undo", run["id"], "--yes")
    assert undone.returncode == 0, undone.stdout + undone.stderr
    assert db1.root("find /var/tmp /run -maxdepth 1 -name '*restore-test*'") == ""

    broken = command(
        "run", "restore-test-restic", "acme/db1", "--repository", "/srv/backup/restic-corrupt", *restic[2:], "--yes"
    )
    assert broken.returncode == 1
    found = open_findings(command)
    assert found >= {"restore-test-restic/verify [repository=/srv/backup/restic-corrupt] restore"}
    command("run", "restore-test-restic", "acme/db1", *restic, "--yes")
    assert open_findings(command) == found, "that another repository is well says nothing of this one"


def test_a_good_backup_closes_no_finding_of_another(db1: Practice, command: Command) -> None:
    check = ("run", "check-backup-postgres", "acme/db1", "--yes", "--folder")
    found = {f"backup-postgres [folder=/srv/backup/postgres-corrupt] shop.{kind}: data" for kind in ("dump", "sql.gz")}
    assert command(*check, "/srv/backup/postgres-corrupt").returncode == 1
    assert open_findings(command) == found
    assert command(*check, "/srv/backup/postgres").returncode == 0
    assert open_findings(command) == found
    db1.root("cp -f /srv/backup/postgres/* /srv/backup/postgres-corrupt/")
    assert command(*check, "/srv/backup/postgres-corrupt", "--max-age", "48h").returncode == 0
    assert open_findings(command) == set(), "another limit is the same look"
