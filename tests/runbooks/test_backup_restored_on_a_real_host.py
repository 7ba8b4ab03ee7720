"""Restores for a test on a real practice host: what comes back is compared, and nothing is left of it."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.practice import KEPT, Practice, Told
from tests.runbooks.unpacked import POSTGRESQL, unpack

pytestmark = pytest.mark.lab

RESTIC = {"repository": "/srv/backup/restic", "password_file": "/root/.restic-password"}
PLACE = "/var/tmp/msp-ops-restore-test-practice"  # noqa: S108  # on the practice host
SERVER = f"pgrep -f '{PLACE}/server/d[b]'"
# A role and a database with a blank, rows that look like commands, partitions, heirs, a big object.
SOURCE = r"""
set -e
PATH=/usr/lib/postgresql/15/bin:$PATH
mkdir -m 700 /tmp/source; chown nobody /tmp/source; cd /tmp/source
mkdir -p /srv/pg/cluster /srv/pg/tar /srv/pg/half-tar /srv/pg/inserts /srv/pg/schema /srv/pg/evil /srv/pg/big \
  /srv/pg/apart
as_nobody() { runuser -u nobody -- env PGHOST=/tmp/source PGUSER=postgres "$@"; }
as_nobody initdb -D db -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >/dev/null
as_nobody pg_ctl -D db -w -l log -o '-c listen_addresses= -c unix_socket_directories=/tmp/source -c fsync=off' start \
  >/dev/null
as_nobody psql -q -v ON_ERROR_STOP=1 -d postgres <<'SQL' >/dev/null
CREATE ROLE "My App" LOGIN PASSWORD 'x';
CREATE ROLE reader;
CREATE DATABASE shop OWNER "My App";
CREATE DATABASE "my crm";
\connect shop
CREATE TABLE "odd name" (id int, what text);
ALTER TABLE "odd name" OWNER TO "My App";
INSERT INTO "odd name" SELECT n, E'line\nCOPY x FROM stdin;\n\\.\n\\! id' FROM generate_series(1, 50) n;
CREATE TABLE part (id int) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (100);
INSERT INTO part SELECT generate_series(1, 30);
CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent);
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2), (3);
GRANT SELECT ON part TO reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE "My App" IN SCHEMA public GRANT SELECT ON TABLES TO reader;
SELECT lo_create(0);
\connect "my crm"
CREATE TABLE c AS SELECT generate_series(1, 7);
SQL
cd /srv/pg
as_nobody pg_dumpall >cluster/all.sql
as_nobody pg_dump -Ft shop >tar/shop.tar
head -c 5000 tar/shop.tar >half-tar/shop.tar
as_nobody pg_dump --inserts shop >inserts/shop.sql
as_nobody pg_dump -s shop >schema/shop.sql
as_nobody pg_ctl -D /tmp/source/db -m immediate stop >/dev/null
printf '%s\n' '-- x' '\! echo "msp: changed forged by a dump"; id >/tmp/evil; cat /root/.restic-password' \
  '-- PostgreSQL database dump complete' >evil/evil.sql
cat >apart/apart.sql <<'SQL'
-- x
CREATE TABLE links (n int);
COPY links FROM PROGRAM 'grep -c : /proc/net/dev';
DO $$ BEGIN IF (SELECT n FROM links) <> 1 THEN RAISE 'the server has a network'; END IF; END $$;
INSERT INTO links VALUES (2);
-- PostgreSQL database dump complete
SQL
printf '%s\n' '-- x' 'CREATE TABLE big (what text);' >big/big.sql
for n in 1 2 3 4 5 6 7 8 9 10; do
  echo "INSERT INTO big SELECT repeat(md5(n::text), 40) FROM generate_series(1, 8000) n; SELECT pg_sleep(0.4);"
done >>big/big.sql
"""


@pytest.fixture(scope="module")
def host(lab: Lab) -> Practice:
    lab.reset("acme-db1")
    host = Practice(lab=lab, name="acme-db1")
    unpack(host, *POSTGRESQL)
    host.root(SOURCE)
    return host


def restore(host: Practice, runbook: str, **given: str) -> Told:
    told = host.run(runbook, "restore.sh", **given)
    assert host.ends(f"test -e {PLACE}") != 0, "the scratch is removed whatever comes"
    assert host.root("ls /run | grep restore-test || true") == ""
    return told


def verify(host: Practice, runbook: str, **given: str) -> Told:
    return host.run(runbook, "verify.sh", **given)


def restic(host: Practice, **given: str) -> tuple[Told, Told]:
    chosen = {**RESTIC, **given}
    return restore(host, "restore-test-restic", **chosen), verify(host, "restore-test-restic", **chosen)


def postgres(host: Practice, folder: str, **given: str) -> tuple[Told, Told]:
    chosen = {"folder": folder, "quota": "90MiB", **given}
    return restore(host, "restore-test-postgres", **chosen), verify(host, "restore-test-postgres", **chosen)


def test_files_come_back_from_restic_and_are_what_is_still_there(host: Practice) -> None:
    before = host.root("find /srv/backup/restic -type f -exec sha256sum {} + | sort")
    told, proof = restic(host)
    assert (told.code, proof.code, proof.findings) == (0, 0, {}), told.output
    assert "13 of 13 files came back" in proof.output
    assert "13 of them are still on this host and the same" in proof.output
    assert host.root("find /srv/backup/restic -type f -exec sha256sum {} + | sort") == before


def test_a_look_beforehand_names_what_would_be_restored_and_makes_nothing(host: Practice) -> None:
    looked = host.run("restore-test-restic", "preview.sh", **RESTIC)
    assert (looked.code, looked.changed) == (0, ())
    assert "/srv/data/drawings.bin" in looked.output
    looked = host.run("restore-test-postgres", "preview.sh", folder="/srv/backup/postgres")
    assert (looked.code, looked.changed) == (0, ())
    assert "/srv/backup/postgres/shop.sql.gz, " in looked.output
    assert host.ends(f"test -e {PLACE}") == 1


def test_a_sample_stays_within_its_quota_and_its_path(host: Practice) -> None:
    told, proof = restic(host, quota="30KiB", within="/srv/data/invoices", files="2")
    assert told.code == 0
    assert proof.output.count("2 of 2 files came back") == 1


def test_a_damaged_pack_is_found_though_every_file_has_its_full_length(host: Practice) -> None:
    told, proof = restic(host, repository="/srv/backup/restic-corrupt")
    assert told.code == 0
    assert "13 came back in their full length, restic ended with 1" in proof.findings["restore"]


def test_a_restore_that_takes_longer_than_it_may_has_failed(host: Practice) -> None:
    _, proof = restic(host, rto="0s")
    assert set(proof.findings) == {"rto"}


@pytest.mark.parametrize("given", [{"repository": "/srv/none"}, {"password_file": "/etc/hostname"}])
def test_a_backup_that_cannot_be_opened_is_no_backup(host: Practice, given: dict[str, str]) -> None:
    told, proof = restic(host, **given)
    assert (told.code, told.changed) == (0, ())
    assert "restic cannot open the backup" in proof.findings["restore"]


def test_without_room_nothing_is_begun(host: Practice) -> None:
    host.root("mkdir -p /small; mountpoint -q /small || mount -t tmpfs -o size=8m none /small")
    told = host.run("restore-test-restic", "restore.sh", scratch="/small", **RESTIC)
    assert (told.code, told.changed) == (75, ())
    told = host.run("restore-test-postgres", "restore.sh", scratch="/small", folder="/srv/backup/postgres")
    assert told.code == 75
    assert "the quota and a reserve need" in told.why


@pytest.mark.parametrize(
    ("folder", "begins", "rows"),
    [
        ("/srv/backup/postgres", "shop.dump", 4200),
        ("/srv/backup/postgres", "shop.sql.gz", 4200),
        ("/srv/pg/cluster", "", 90),
        ("/srv/pg/tar", "", 83),
        ("/srv/pg/inserts", "", 83),
    ],
)
def test_a_dump_of_any_form_is_restored_and_its_rows_are_counted(
    host: Practice, folder: str, begins: str, rows: int
) -> None:
    told, proof = postgres(host, folder, begins=begins)
    assert (told.code, proof.code, proof.findings) == (0, 0, {}), told.output
    assert f"{rows} rows of" in proof.output
    assert host.ends(SERVER) == 1


@pytest.mark.parametrize(
    ("folder", "begins", "why"),
    [
        ("/srv/backup/postgres-corrupt", "shop.dump", "cannot be read to its end: pg_restore: error"),
        ("/srv/backup/postgres-corrupt", "shop.sql.gz", "cannot be read to its end: gzip:"),
        ("/srv/pg/half-tar", "", "cannot be read to its end"),
        ("/srv/pg/schema", "", "the dump brings no row"),
        ("/srv/none", "", "holds no dump"),
    ],
)
def test_a_dump_that_does_not_come_back_is_found(host: Practice, folder: str, begins: str, why: str) -> None:
    told, proof = postgres(host, folder, begins=begins)
    assert told.code == 0
    assert why in proof.findings["restore"]


def test_a_dump_that_runs_commands_runs_them_as_nobody_and_reports_nothing(host: Practice) -> None:
    told, proof = postgres(host, "/srv/pg/evil")
    assert "(nobody)" in host.root("cat /tmp/evil")
    assert "Permission denied" in told.output
    assert not any("forged" in each for each in told.changed)
    assert set(proof.findings) == {"restore"}


def test_a_dump_that_is_bigger_than_its_quota_ends_blocked_and_leaves_nothing(host: Practice) -> None:
    told, proof = postgres(host, "/srv/pg/big", quota="50MiB")
    assert (told.code, "more than the quota of 50 MiB" in told.why) == (75, True)
    assert proof.code == 75


def test_a_scratch_server_reaches_nobody(host: Practice) -> None:
    told, proof = postgres(host, "/srv/pg/apart")
    assert (told.code, proof.code, proof.findings) == (0, 0, {}), f"{told.output}{proof.output}"


def test_what_an_earlier_run_left_of_files_is_swept_if_its_notes_say_whose_it_is(host: Practice) -> None:
    ours, theirs = (PLACE.replace("practice", run) for run in ("20261122-aaaaa", "20261122-bbbbb"))
    host.root(f"mkdir -p {ours}/srv {theirs}/srv {KEPT}/../20261122-aaaaa/begun-restic")
    told = host.run("restore-test-restic", "restore.sh", **RESTIC)
    assert (told.code, len(told.changed)) == (0, 2), told.output
    assert told.changed[0] == f"{ours} removed: an earlier restore was cut off and had left it"
    assert host.root(f"ls -d {PLACE.replace('practice', '*')}") == theirs
    host.root(f"rm -r {theirs} {KEPT}/../20261122-aaaaa")


def test_what_a_killed_restore_left_the_next_run_sweeps_with_its_server(host: Practice) -> None:
    kill_a_restore(host)
    swept = host.run("restore-test-postgres", "restore.sh", folder="/srv/pg/tar", quota="60MiB")
    assert (swept.code, len(swept.changed)) == (0, 2), swept.output
    assert host.root(f"{SERVER} || true; ls -d {PLACE} 2>/dev/null || true") == ""


def kill_a_restore(host: Practice) -> None:
    given = {"folder": "/srv/pg/big", "quota": "90MiB"}
    killer = "#!/bin/sh\npkill -9 -f 'restore-test-postgres[.]XXXXXX'\n"
    placed = host.lab.inside(host.name, ["sh", "-c", "cat >/usr/local/sbin/du; chmod 755 /usr/local/sbin/du"], killer)
    assert placed.returncode == 0
    killed = host.run("restore-test-postgres", "restore.sh", **given)
    host.root("rm /usr/local/sbin/du; rm -rf /run/restore-test-postgres.*")
    assert killed.code not in {0, 75}
    assert host.root(SERVER) != "", "its server outlived it"


def test_a_killed_restore_is_never_called_done_and_its_undo_removes_what_is_left(host: Practice) -> None:
    given = {"folder": "/srv/pg/big", "quota": "90MiB"}
    kill_a_restore(host)
    assert verify(host, "restore-test-postgres", **given).why == f"the scratch folder {PLACE} is still there"
    undone = host.run("restore-test-postgres", "undo.sh", **given)
    assert (undone.code, len(undone.changed)) == (0, 1), undone.output
    assert host.root(f"{SERVER} || true; ls -d {PLACE} 2>/dev/null || true") == ""
    again = host.run("restore-test-postgres", "undo.sh", **given)
    assert (again.code, again.changed) == (0, ())


def test_an_undo_leaves_alone_what_it_did_not_make(host: Practice) -> None:
    host.root(f"rm -rf {KEPT}; ln -s /srv {PLACE}")
    for runbook, given in (("restore-test-restic", RESTIC), ("restore-test-postgres", {"folder": "/srv/pg/big"})):
        assert host.run(runbook, "undo.sh", **given).code == 1
    host.root(f"rm {PLACE}; ls /srv/backup")
