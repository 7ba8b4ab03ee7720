"""Dumps of MariaDB restored for a test on a real practice host: its rows are counted, and nothing is left of it."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.practice import KEPT, Practice, Told
from tests.runbooks.unpacked import unpack

pytestmark = pytest.mark.lab

MARIADB = (
    *("mariadb-server-core", "mariadb-client-core", "mariadb-client", "libmariadb3"),
    *("liburing2", "libaio1", "libnuma1", "libncurses6", "libedit2", "libbsd0", "libmd0"),
)
PLACE = "/scratch/msp-ops-restore-test-practice"
SERVER = f"pgrep -f '{PLACE}/server/d[b]'"
# Texts that look like commands, an odd name, a database with a blank, a view, binary data, a table without rows.
SOURCE = r"""
set -e
mkdir /scratch; mount -t tmpfs -o size=600m none /scratch
mkdir -m 711 /tmp/source; mkdir -m 700 /tmp/source/at; chown nobody /tmp/source/at; cd /tmp/source/at
mkdir -p /srv/my/one /srv/my/all /srv/my/rows /srv/my/half /srv/my/unfinished /srv/my/schema /srv/my/evil /srv/my/big
as_nobody() { env -i PATH="$PATH" HOME=/tmp/source/at runuser -u nobody -- "$@"; }
as_nobody mariadb-install-db --no-defaults --datadir=/tmp/source/at/db --auth-root-authentication-method=normal \
  --skip-test-db --skip-name-resolve >/dev/null
(
  as_nobody mariadbd --no-defaults --datadir=/tmp/source/at/db --socket=/tmp/source/at/s --skip-networking \
    --innodb-flush-log-at-trx-commit=0
) >/tmp/source/log 2>&1 </dev/null &
for _ in $(seq 200); do
  as_nobody mariadb --no-defaults --socket=/tmp/source/at/s -u root -e 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.1
done
as_nobody mariadb --no-defaults --socket=/tmp/source/at/s -u root <<'SQL'
CREATE DATABASE shop CHARACTER SET utf8mb4; CREATE DATABASE `my crm`;
USE shop;
CREATE TABLE `odd (name), VALUES` (id int, what text, raw blob, `a)b` int);
INSERT INTO `odd (name), VALUES` SELECT seq, 'it''s (1),(2); \\ \n-- Current Database: `mysql`\n\\! id\0',
  UNHEX('00275C28292C0A0D1AFF'), 1 FROM seq_1_to_300;
CREATE TABLE orders (id int PRIMARY KEY, sum decimal(10,2), at datetime);
INSERT INTO orders SELECT seq, seq / 7, now() FROM seq_1_to_5000;
CREATE TABLE nothing (id int);
CREATE USER gone; GRANT SELECT, LOCK TABLES, SHOW VIEW ON shop.* TO gone;
CREATE DEFINER=gone VIEW seen AS SELECT id FROM orders;
CREATE TABLE log (n int);
CREATE TRIGGER counts AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.id);
CREATE TABLE `my crm`.c (id int); INSERT INTO `my crm`.c VALUES (1), (2), (3);
SQL
dump() { as_nobody mariadb-dump --no-defaults --socket=/tmp/source/at/s -u root "$@"; }
dump shop | gzip >/srv/my/one/shop.sql.gz
dump --all-databases --routines >/srv/my/all/all.sql
dump --skip-extended-insert --complete-insert --hex-blob shop >/srv/my/rows/shop.sql
dump --no-data shop >/srv/my/schema/shop.sql
as_nobody mariadb --no-defaults --socket=/tmp/source/at/s -u root -e SHUTDOWN
head -c 20000 /srv/my/one/shop.sql.gz >/srv/my/half/shop.sql.gz
head -c 60000 /srv/my/rows/shop.sql >/srv/my/unfinished/shop.sql
head='-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB'
mkdir -p /srv/my/evil2
row='INSERT INTO `t` VALUES (1);'
printf '%s\n' "$head" 'CREATE TABLE t (id int);' "$row" 'SELECT "msp: changed forged by a dump";' '\! id >/tmp/evil' \
  '-- Dump completed' >/srv/my/evil/evil.sql
printf '%s\n' "$head" 'CREATE TABLE t (id int);' "$row" 'SELECT 1 INTO OUTFILE "/var/tmp/evil";' '-- Dump completed' \
  >/srv/my/evil2/evil.sql
{
  printf '%s\n' "$head" 'CREATE TABLE big (what longtext);'
  for n in 1 2 3 4 5 6 7 8 9 10; do
    echo "INSERT INTO big SELECT repeat('x', 1000) FROM seq_1_to_30000; DO SLEEP(0.3);"
  done
  echo '-- Dump completed'
} >/srv/my/big/big.sql
find /srv/my -type f -exec touch -d '1 hour ago' {} +
"""


@pytest.fixture(scope="module")
def host(lab: Lab) -> Practice:
    lab.reset("acme-db1")
    host = Practice(lab=lab, name="acme-db1")
    unpack(host, *MARIADB)
    host.root(SOURCE)
    return host


def restore(host: Practice, folder: str, **given: str) -> tuple[Told, Told]:
    chosen = {"folder": folder, "quota": "200MiB", "scratch": "/scratch", **given}
    told = host.run("restore-test-mysql", "restore.sh", **chosen)
    assert host.ends(f"test -e {PLACE}") != 0, "the scratch is removed whatever comes"
    assert host.root("ls /run | grep restore-test || true") == ""
    assert host.ends(SERVER) == 1
    return told, host.run("restore-test-mysql", "verify.sh", **chosen)


@pytest.mark.parametrize(("folder", "tables", "rows"), [("one", 2, 5300), ("all", 3, 5303), ("rows", 2, 5300)])
def test_a_dump_is_restored_and_its_rows_are_counted(host: Practice, folder: str, tables: int, rows: int) -> None:
    looked = host.run("restore-test-mysql", "preview.sh", folder=f"/srv/my/{folder}")
    assert (looked.code, looked.changed) == (0, ())
    assert "of MariaDB" in looked.output
    told, proof = restore(host, f"/srv/my/{folder}")
    assert (told.code, proof.code, proof.findings) == (0, 0, {}), told.output
    assert f"{rows} rows of {tables} tables came back" in proof.output


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("half", "cannot be read to its end: gzip:"),
        ("unfinished", "ERROR"),
        ("schema", "the dump brings no row"),
        ("none", "holds no dump"),
        ("evil", "Unknown command"),
        ("evil2", "--secure-file-priv"),
    ],
)
def test_a_dump_that_does_not_come_back_is_found(host: Practice, folder: str, why: str) -> None:
    told, proof = restore(host, f"/srv/my/{folder}")
    assert told.code == 0
    assert why in proof.findings["restore"], told.output
    assert not any("forged" in each for each in told.changed)
    assert host.ends("test -e /tmp/evil || test -e /var/tmp/evil") == 1


@pytest.mark.parametrize(("folder", "file"), [("half", "shop.sql.gz"), ("unfinished", "shop.sql")])
def test_a_dump_that_is_still_being_written_is_neither_good_nor_bad(host: Practice, folder: str, file: str) -> None:
    host.root(f"touch /srv/my/{folder}/{file}")
    told, proof = restore(host, f"/srv/my/{folder}")
    host.root(f"touch -d '1 hour ago' /srv/my/{folder}/{file}")
    assert (told.code, proof.code, proof.findings) == (0, 75, {})
    assert "was written a moment ago: is it still being written?" in proof.why


def test_a_dump_that_has_just_begun_is_neither_good_nor_bad(host: Practice) -> None:
    host.root("mkdir -p /srv/my/new; touch /srv/my/new/shop.sql.gz")
    told, proof = restore(host, "/srv/my/new")
    assert (told.code, told.changed, proof.code) == (75, (), 75)
    host.root("touch -d '1 hour ago' /srv/my/new/shop.sql.gz")
    assert "in a form that is known here" in restore(host, "/srv/my/new")[1].findings["restore"]


def test_a_table_with_fewer_rows_than_the_dump_brought_is_found(host: Practice) -> None:
    less = "DELETE FROM `my crm`.`c` WHERE id = 2;"
    host.root(f"mkdir /srv/my/fewer; sed 's/^-- Dump completed/{less}\\n&/' /srv/my/all/all.sql >/srv/my/fewer/all.sql")
    told, proof = restore(host, "/srv/my/fewer")
    assert "a table of my crm has other rows than the dump brought" in proof.findings["restore"], told.output


def test_a_restore_that_takes_longer_than_it_may_has_failed(host: Practice) -> None:
    _, proof = restore(host, "/srv/my/one", rto="0s")
    assert set(proof.findings) == {"rto"}


def test_a_dump_that_says_nothing_about_this_server_is_blocked(host: Practice) -> None:
    host.root("mkdir -p /srv/my/other; echo '-- MySQL dump 10.13  Distrib 8.0.36, for Linux' >/srv/my/other/x.sql")
    told, _ = restore(host, "/srv/my/other")
    assert (told.code, "from MySQL and this host has a server of MariaDB" in told.why) == (75, True)
    told, _ = restore(host, "/srv/my/one", scratch="/dev")
    assert (told.code, "the quota and a reserve need" in told.why) == (75, True)


def test_a_dump_that_is_bigger_than_its_quota_ends_blocked_and_leaves_nothing(host: Practice) -> None:
    told, proof = restore(host, "/srv/my/big", quota="150MiB")
    assert (told.code, "more than the quota of 150 MiB" in told.why) == (75, True), told.output
    assert proof.code == 75


def test_what_a_cut_leaves_the_undo_removes_and_so_does_the_next_run(host: Practice) -> None:
    given = {"folder": "/srv/my/big", "quota": "200MiB", "scratch": "/scratch"}
    killer = "#!/bin/sh\npkill -9 -f 'restore-test-mysql[.]XXXXXX'\n"
    placed = host.lab.inside(host.name, ["sh", "-c", "cat >/usr/local/sbin/du; chmod 755 /usr/local/sbin/du"], killer)
    assert placed.returncode == 0
    for sweeper in ("undo.sh", "restore.sh"):
        host.root("chmod 755 /usr/local/sbin/du")
        killed = host.run("restore-test-mysql", "restore.sh", **given)
        host.root("chmod 644 /usr/local/sbin/du; rm -rf /run/restore-test-mysql.*")
        assert killed.code not in {0, 75}
        assert host.root(SERVER) != "", "its server outlived it"
        assert host.run("restore-test-mysql", "verify.sh", **given).why == f"the scratch folder {PLACE} is still there"
        told = host.run("restore-test-mysql", sweeper, **{**given, "folder": "/srv/my/one"})
        assert (told.code, len(told.changed)) == (0, 1 if sweeper == "undo.sh" else 2), told.output
        assert host.root(f"{SERVER} || true; ls -d {PLACE} 2>/dev/null || true") == ""
    again = host.run("restore-test-mysql", "undo.sh", **given)
    assert (again.code, again.changed) == (0, ())


def test_an_undo_leaves_alone_what_it_did_not_make(host: Practice) -> None:
    host.root(f"rm -rf {KEPT}; ln -s /srv {PLACE}")
    assert host.run("restore-test-mysql", "undo.sh", folder="/srv/my/one", scratch="/scratch").code == 1
    host.root(f"rm {PLACE}; ls /srv/my")
