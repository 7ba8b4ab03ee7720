"""Dumps as mysqldump and mariadb-dump write them, on a real practice host: fresh, stale, cut short, packed."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

MADE = r"""
set -e
mkdir -p /srv/my /srv/old /srv/cut /srv/few /srv/odd
dump() {
  printf -- '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\n--\n'
  printf -- 'CREATE TABLE `t` (\n  `id` int\n);\nINSERT INTO `t` VALUES (1);\n'
  seq "$1" | sed 's/.*/INSERT INTO `t` VALUES (&);/'
  printf -- '\n-- Dump completed on 2026-11-23  3:00:00\n'
}
dump 4000 >/srv/my/shop-2026-11-22.sql
dump 4000 | gzip >/srv/my/crm_20261122.sql.gz
dump 4000 | gzip >/srv/my/crm_20261121.sql.gz
cp /srv/my/* /srv/old
dump 4000 | head -c 30000 >/srv/cut/plain.sql
dump 4000 | gzip | head -c 5000 >/srv/cut/packed.sql.gz
dump 4000 | grep -v -e '-- Dump completed' | gzip >/srv/cut/unfinished.sql.gz
for day in 19 20 21; do dump 4000 >/srv/few/shop-2026-11-$day.sql; done
dump 100 >/srv/few/shop-2026-11-22.sql
printf '\050\265\057\375rest' >/srv/odd/app.sql.zst
printf '\205\002\003secret' >/srv/odd/app2.sql.gpg
: >/srv/odd/empty.sql
printf -- '-- PostgreSQL database dump\nSELECT 1;\n' >/srv/odd/other.sql
touch -d '3 hours ago' /srv/*/*.sql*
touch -d '27 hours ago' /srv/my/crm_20261121.sql.gz /srv/few/*-1[0-9].sql /srv/few/*-2[01].sql
touch -d '3 days ago' /srv/old/*
printf 'half' | gzip | head -c 10 >"/srv/odd/$(printf 'x\nmsp: why all is well').sql.gz"
"""


@pytest.fixture(scope="module")
def host(lab: Lab) -> Practice:
    lab.reset("acme-db1")
    host = Practice(lab=lab, name="acme-db1")
    host.root(MADE)
    return host


def fresh(host: Practice, folder: str, **given: str) -> Told:
    return host.run("check-backup-mysql", "fresh.sh", folder=folder, **given)


def read(host: Practice, folder: str) -> Told:
    return host.run("check-backup-mysql", "read.sh", folder=folder)


def test_fresh_dumps_are_read_to_their_end(host: Practice) -> None:
    for told in (fresh(host, "/srv/my", expected="shop crm"), read(host, "/srv/my/")):
        assert (told.code, told.findings) == (0, {}), told.output
    assert "crm_#.sql.gz is whole: 1 tables" in told.output


def test_old_dumps_are_whole_and_stale(host: Practice) -> None:
    assert set(fresh(host, "/srv/old").findings) == {"crm_#.sql.gz:age", "shop-#.sql:age"}
    assert read(host, "/srv/old").findings == {}


def test_a_dump_that_was_cut_short_is_found_by_reading_only(host: Practice) -> None:
    assert fresh(host, "/srv/cut").findings == {}
    told = read(host, "/srv/cut")
    assert set(told.findings) == {"plain.sql:data", "packed.sql.gz:data", "unfinished.sql.gz:data"}
    assert "unexpected end of file" in told.findings["packed.sql.gz:data"]
    assert "does not end with: Dump completed" in told.findings["unfinished.sql.gz:data"]


def test_one_that_is_still_written_is_unknown(host: Practice) -> None:
    host.root("touch /srv/cut/plain.sql")
    told = read(host, "/srv/cut")
    host.root("touch -d '3 hours ago' /srv/cut/plain.sql")
    assert told.code == 75
    assert "plain.sql:data" not in told.findings
    assert "still being written" in told.why


def test_a_dump_that_shrank_and_one_that_is_missing_are_found(host: Practice) -> None:
    told = fresh(host, "/srv/few", expected="shop crm")
    assert set(told.findings) == {"shop-#.sql:size", "crm:expected"}


def test_what_cannot_be_read_here_is_never_called_sound(host: Practice) -> None:
    told = read(host, "/srv/odd")
    assert told.code == 75
    assert "app.sql.zst was not read: zstd is not installed on this host" in told.output
    assert set(told.findings) == {"app2.sql.gpg:data", "empty.sql:data", "other.sql:data"}
    assert set(fresh(host, "/srv/odd").findings) == {"empty.sql:size"}


def test_a_name_that_no_line_can_hold_is_counted_and_one_in_capitals_is_a_dump(host: Practice) -> None:
    host.root("rm -rf /srv/names; mkdir /srv/names; cp /srv/my/shop-2026-11-22.sql /srv/names/SHOP.SQL")
    host.root(
        """printf cut >"$(printf '/srv/names/crm.dump\\r')"; : >"$(printf '/srv/names/x\\nmsp: why all is well')" """
    )
    for told in (fresh(host, "/srv/names"), read(host, "/srv/names")):
        why = "2 files with control characters in their names were not looked at"
        assert (told.code, told.why, told.findings) == (75, why, {}), told.output
        assert "SHOP.SQL" in told.output


def test_no_folder_and_no_dump_are_failures(host: Practice) -> None:
    for folder in ("/srv/none", "/etc/ssh"):
        assert (fresh(host, folder).code, set(fresh(host, folder).findings)) == (1, {"folder"})
        assert read(host, folder).code == 75
