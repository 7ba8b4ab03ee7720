"""Snapshot folders that rsync made on a real practice host: fresh, stale, half made, shrunk, rotted."""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

MADE = """
set -e
mkdir -p /srv/site/etc /srv/snap
for n in 1 2 3 4 5 6; do seq "$n" 500 >/srv/site/etc/f$n; done
touch -d '2020-01-01' /srv/site
before=
for day in 3 2 1 0; do
  name=/srv/snap/web-$(date -d "$day days ago" +%F_%H%M)
  rsync -a ${before:+--link-dest="$before"} /srv/site/ "$name/"
  (cd "$name" && find . -type f ! -name SUMS -exec sha256sum {} + >SUMS)
  touch -r /srv/site "$name"
  before=$name
done
ln -s "$before" /srv/snap/latest
mkdir /srv/snap/lost+found
"""
STATE = "find /srv /run /tmp -xdev -type f | sort; find /srv -type f -exec sha256sum {} + | sort"
NEWEST = "$(ls -d /srv/snap/web-* | tail -n 1)"


@pytest.fixture
def host(db1: Practice) -> Practice:
    db1.root(MADE)
    return db1


def fresh(host: Practice, **given: str) -> Told:
    return host.run("check-backup-snapshots", "fresh.sh", folder="/srv/snap/", **given)


def read(host: Practice, **given: str) -> Told:
    return host.run("check-backup-snapshots", "read.sh", folder="/srv/snap", **given)


def test_a_fresh_snapshot_is_found_by_its_name_whatever_time_rsync_gave_its_folder(host: Practice) -> None:
    assert "2020" in host.root(f"stat -c %y {NEWEST}")
    before = host.root(STATE)
    told = fresh(host, paths="etc /etc/f1")
    assert (told.code, told.findings) == (0, {}), told.output
    for manifest in ("SUMS", ""):
        again = read(host, manifest=manifest)
        assert (again.code, again.findings) == (0, {}), again.output
    assert host.root(STATE) == before


def test_a_stale_snapshot_is_found_though_a_newer_half_made_one_is_there(host: Practice) -> None:
    host.root(f"mv {NEWEST} {NEWEST}.partial; rm -r {NEWEST}/etc; find {NEWEST} -exec touch -d '3 days ago' {{}} +")
    host.root("rm -r $(ls -d /srv/snap/web-*[0-9] | tail -n 1)")
    told = fresh(host)
    assert set(told.findings) == {"age", "incomplete"}, told.output
    assert "48 hours old" in told.findings["age"]


def test_a_name_that_no_line_can_hold_is_counted(host: Practice) -> None:
    host.root(f"""touch {NEWEST}/a\\\\x2db "$(printf '%s/x\\ny' {NEWEST})" """)
    assert set(read(host).findings) == {"passed-over"}


def test_with_a_marker_only_what_carries_it_is_complete(host: Practice) -> None:
    told = fresh(host, marker="done")
    assert (told.code, "no snapshot is complete" in told.why) == (1, True)
    host.root(f"touch {NEWEST}/done")
    assert fresh(host, marker="done").findings == {}


def test_a_snapshot_that_lost_its_files_is_found_at_every_level(host: Practice) -> None:
    host.root(f"rm {NEWEST}/etc/f[1-4]")
    told = fresh(host, paths="/etc/f1 /etc/f6")
    assert set(told.findings) == {"files", "/etc/f1:path"}
    assert "the newest has 3 files, usual are 7" in told.findings["files"]
    assert "4 of 6 files" in read(host, manifest="SUMS").findings["data"]


def test_a_rotten_file_is_found_by_its_sum_and_never_by_looking_at_the_folder(host: Practice) -> None:
    host.root(f"cd {NEWEST}/etc; cp -p f3 /tmp; printf X | dd of=f3 conv=notrunc status=none; touch -r /tmp/f3 f3")
    assert fresh(host).findings == {}
    assert read(host).findings == {}, "without sums a file is only read"
    assert "1 of 6 files" in read(host, manifest="SUMS").findings["data"]


def test_a_manifest_that_is_missing_or_leads_elsewhere_proves_nothing(host: Practice) -> None:
    host.root(f"rm {NEWEST}/SUMS")
    assert set(read(host, manifest="SUMS").findings) == {"manifest"}
    host.root(f"cd {NEWEST}; sha256sum /etc/hostname ../../site/etc/f1 >SUMS")
    assert read(host, manifest="SUMS").code == 75


def test_of_many_files_the_same_share_is_read_each_time(host: Practice) -> None:
    host.root(f"cd {NEWEST}; seq 1 1000 | split -l 1 -a 3 - etc/many; sha256sum etc/* >SUMS")
    for given in ({"manifest": "SUMS"}, {}):
        first, again, more = (read(host, read_data=percent, **given) for percent in ("10", "10", "100"))
        shares = [int(next(iter(told.report.reading.measurements)).value) for told in (first, again, more)]
        assert shares[0] == shares[1]
        assert 40 <= shares[0] <= 200
        assert shares[2] >= 1006
