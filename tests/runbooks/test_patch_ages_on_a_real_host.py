"""Updates that must wait, are held, or go back: on real apt, dnf and zypper."""

from decimal import Decimal

import pytest

from tests.runbooks.practice import KEPT, Practice, Told
from tests.runbooks.rpm_hosts import publish, refreshed

pytestmark = pytest.mark.lab

RECORD = "/var/lib/msp-ops/first-seen"
RUN = "20261123-7k3xq"
DAYS_AGO = """awk -v day={days} '{{ $4 -= day * 86400; $5 -= day * 86400; if ($6 != "-") $6 -= day * 86400; print }}' \
{record} >/run/older && cat /run/older >{record}"""
HOLDS = "mkdir -p /etc/msp-ops; printf '%s\\n' '{name} until {day} because the shop needs it' >>/etc/msp-ops/holds"
OLD_DEB = """cd /tmp; mkdir -p deb/DEBIAN
dpkg-query -s lab-lib | grep -E '^(Package|Maintainer|Architecture|Description)' >deb/DEBIAN/control
echo Version: 1.0-1 >>deb/DEBIAN/control; dpkg-deb -b deb /var/cache/apt/archives/lab-lib_1.0-1_all.deb"""
NO_PLAN_WITH_HOLDS = """cat >/usr/local/sbin/apt-get <<'X'
#!/bin/sh
case " $* " in *" --ignore-hold "*) echo "E: generated breaks, this may be caused by held packages."; exit 100 ;; esac
exec /usr/bin/apt-get "$@"
X
chmod 755 /usr/local/sbin/apt-get"""
NO_MARKS = """cat >/usr/local/sbin/zypper <<'X'
#!/bin/sh
case " $* " in *" patch "*) exit 4 ;; esac
exec /usr/bin/zypper "$@"
X
chmod 755 /usr/local/sbin/zypper"""
RESTORED = {"lab-app 1.1-1 -> 1.0-1", "lab-conf 1.1-1 -> 1.0-1", "lab-tls 3.2-1 -> 3.1-1"}


def patch(host: Practice, **given: str) -> Told:
    file = "patch-rpm.sh" if host.name in {"dnf", "zypper"} else "patch.sh"
    return host.run("patch-linux", file, **{"lock_wait": "5s", "min_free": "20", **given})


def verify(host: Practice, **given: str) -> Told:
    return host.run("patch-linux", "verify.sh", **given)


def scan(host: Practice) -> Told:
    return host.run("patch-scan", "scan.sh")


def back(host: Practice, file: str = "rollback.sh", **given: str) -> Told:
    host.root(f"rm -rf {KEPT}/../{RUN}; cp -r {KEPT} {KEPT}/../{RUN}")
    return host.run("patch-rollback", file, **{"run": RUN, **given})


def let_pass(host: Practice, days: int) -> None:
    host.root(DAYS_AGO.format(days=days, record=RECORD))


def hold(host: Practice, name: str, day: str) -> None:
    host.root(HOLDS.format(name=name, day=day))


def measured(told: Told) -> dict[str, Decimal]:
    return {each.name: each.value for each in told.report.reading.measurements}


def test_a_version_waits_until_it_is_old_enough_and_security_does_not(host: Practice) -> None:
    told = patch(host, min_age="7d")
    assert (told.code, told.changed) == (0, ("lab-tls 3.1-1 -> 3.2-1",)), told.output
    assert told.findings["lab-app"] == (
        "info stays at 1.0-1: 1.1-1 was first seen 0 hours ago, and this run takes what has waited 7 days"
    )
    let_pass(host, 7)
    assert verify(host, min_age="7d").code == 0, "it grew old after the run, which is no fault of the run"
    later = patch(host, min_age="7d")
    assert {each.split()[0] for each in later.changed} == {"kernel", "lab-app", "lab-conf"}
    assert verify(host, min_age="7d").code == 0
    again = patch(host, min_age="7d")
    assert (again.code, again.changed) == (0, ())
    assert host.root(f"cat {RECORD}") == ""


def test_security_updates_wait_when_that_is_asked_and_it_is_a_warning(host: Practice) -> None:
    told = patch(host, min_age_security="1d", only_security="yes")
    assert (told.code, told.changed) == (0, ()), told.output
    assert told.findings["lab-tls"].startswith("warning stays at 3.1-1: 3.2-1 was first seen 0 hours ago")
    assert "lab-app" not in told.findings


def test_what_needs_a_version_that_is_too_young_stays_and_is_named(host: Practice) -> None:
    publish(host, "ties")
    host.root("rm /srv/lab/repo/lab-app-1.1*; createrepo_c -q --compatibility /srv/lab/repo; mkdir -p /var/lib/msp-ops")
    host.root(f"echo lab-app 1.0-1 1.2-1 1795000000 1795000000 - >{RECORD}")
    told = patch(host, min_age="1d")
    assert (told.code, told.changed) == (0, ()), told.output
    assert "lab-app-1.0-1.noarch" in host.root("rpm -qa")
    assert told.findings["lab-app"] == (
        "info is not brought to 1.2-1: it does not fit to the other packages, or needs one that stays"
    )
    assert verify(host, min_age="1d").code == 0
    assert "lab-app 1.0-1 -> 1.2-1 (kept back: stays)" in host.run("patch-linux", "preview.sh", min_age="1d").output


def test_a_hold_of_ours_and_a_lock_of_the_hosts_are_named_and_an_ended_hold_too(host: Practice) -> None:
    hold(host, "lab-app", "2099-12-31")
    hold(host, "lab-conf", "2026-01-01")
    refreshed(host)
    host.root("dnf -q versionlock add lab-tls" if host.name == "dnf" else "zypper -n addlock lab-tls")
    told = patch(host)
    assert {each.split()[0] for each in told.changed} == {"kernel", "lab-conf"}, told.output
    assert told.findings["lab-app"] == "info stays at 1.0-1: held until 2099-12-31: the shop needs it"
    assert told.findings["hold:lab-conf"].startswith("warning ended on 2026-01-01 and holds no more")
    assert told.findings["lab-tls"] == "info stays at 3.1-1: a person locked it on this host"
    assert verify(host).code == 0
    assert measured(scan(host))["security_updates_waiting"] == 1


def test_a_scan_counts_what_waits_tells_what_waits_for_too_long_and_changes_nothing(host: Practice) -> None:
    assert scan(host).code == 75
    before = refreshed(host).root("rpm -qa")
    assert scan(host).findings == {}
    let_pass(host, 31)
    told = scan(host)
    assert told.findings["security-updates"] == "warning 1 wait for more than 7 days: lab-tls 3.1-1 -> 3.2-1 (31 days)"
    assert told.findings["other-updates"].startswith("info 3 wait for more than 30 days: kernel 6.1-1 -> 6.2-1")
    assert measured(told)["security_updates_waiting_over_30_days"] == 1
    assert (host.root("rpm -qa"), told.changed) == (before, ())


def test_a_zypper_that_cannot_tell_what_is_for_security_is_no_quiet_zypper(suse: Practice) -> None:
    refreshed(suse).root(NO_MARKS)
    told = scan(suse)
    assert told.findings["security-marks"].startswith("warning which updates are for security cannot be told")
    assert measured(told)["other_updates_waiting"] == 4


def test_old_lists_tell_nothing_about_what_waits(host: Practice) -> None:
    refreshed(host)
    host.root("find /var/cache/dnf /var/cache/zypp -exec touch -h -d '3 days ago' {} + 2>/dev/null; true")
    told = scan(host)
    assert told.code == 75
    assert "72 hours old" in told.why


def test_a_run_goes_back_as_far_as_older_versions_can_be_had(host: Practice) -> None:
    assert patch(host).code == 0
    nothing = back(host)
    assert (nothing.code, nothing.changed) == (75, ())
    assert "none of the versions from before can be had any more" in nothing.why
    host.root("mkdir /srv/lab/some; cp /srv/lab/old/lab-app* /srv/lab/old/lab-tls* /srv/lab/some")
    publish(host, "some")
    refreshed(host)
    some = back(host)
    assert (some.code, some.why) == (1, "cannot go back: lab-conf.noarch"), some.output
    assert set(some.changed) == RESTORED - {"lab-conf 1.1-1 -> 1.0-1"}
    publish(host, "old")
    refreshed(host)
    assert "lab-conf 1.1-1 -> 1.0-1" in back(host, "preview.sh").output
    rest = back(host)
    assert (rest.code, rest.changed) == (0, ("lab-conf 1.1-1 -> 1.0-1",)), rest.output
    kernel = f"warning 6.2-1 came with run {RUN} in place of nothing and stays, and the next start boots it: "
    assert rest.findings["kernel"].startswith(kernel)
    assert back(host, "verify.sh").code == 0
    again = back(host)
    assert (again.code, again.changed) == (0, ())


def test_only_what_is_named_goes_back(host: Practice) -> None:
    assert patch(host).code == 0
    publish(host, "old")
    refreshed(host)
    assert back(host, only="nginx").why == f"run {RUN} did not change nginx on this host"
    told = back(host, only="lab-tls")
    assert (told.code, told.changed) == (0, ("lab-tls 3.2-1 -> 3.1-1",)), told.output
    assert back(host, "verify.sh", only="lab-tls").code == 0
    assert back(host, "verify.sh").why == "not at the version from before: lab-app.noarch lab-conf.noarch"


def test_apt_lets_versions_wait_and_names_what_needs_them(web1: Practice) -> None:
    hold(web1, "lab-lib", "2099-12-31")
    hold(web1, "lab-tls", "2026-01-01")
    told = patch(web1, min_age="2d")
    assert told.code == 0, told.output
    assert {each.split()[0] for each in told.changed} == {"lab-tls", "linux-image-6.1.0-11-lab", "linux-image-lab"}
    assert told.findings["lab-lib"] == "info stays at 1.0-1: held until 2099-12-31: the shop needs it"
    assert told.findings["hold:lab-tls"].startswith("warning ended on 2026-01-01")
    assert told.findings["lab-held"] == "info stays at 1.0-1: a person put it on hold"
    assert "lab-app 1.0-1 1.1-1" in web1.root(f"cat {RECORD}")
    assert "lab-held 1.0-1 2.0-1" in web1.root(f"cat {RECORD}")
    preview = web1.run("patch-linux", "preview.sh", min_age="2d").output
    assert "lab-app 1.0-1 -> 1.1-1 (stays at 1.0-1: 1.1-1 was first seen" in preview
    let_pass(web1, 2)
    assert verify(web1, min_age="2d").code == 0
    assert set(patch(web1, min_age="2d").changed) == {"lab-app 1.0-1 -> 1.1-1", "lab-daemon 1.0-1 -> 1.1-1"}


def test_apt_leaves_out_what_needs_a_package_that_is_too_young(web1: Practice) -> None:
    hold(web1, "linux-image-6.1.0-11-lab", "2099-12-31")
    told = patch(web1)
    assert told.code == 0, told.output
    assert web1.version("linux-image-lab") == "6.1.10-1"
    assert told.findings["linux-image-lab"].startswith("info stays at 6.1.10-1: it needs what this run leaves out")
    assert verify(web1).code == 0


def test_a_hold_that_cannot_be_read_blocks_before_anything_is_done(web1: Practice) -> None:
    web1.root("mkdir -p /etc/msp-ops; echo lab-app for ever >/etc/msp-ops/holds")
    before = web1.packages()
    told = patch(web1)
    assert (told.code, told.changed) == (75, ())
    assert told.why.endswith("line 1, where no day says until when; right is NAME until 2026-12-31 because WHY")
    assert web1.packages() == before
    web1.root("apt-get -q update")
    assert scan(web1).code == 75


def test_apt_tells_what_waits_too_long_also_when_a_person_holds_it(web1: Practice) -> None:
    web1.root("rm -f /var/lib/apt/lists/*_* /var/lib/apt/periodic/update-success-stamp")
    assert scan(web1).code == 75
    web1.root("apt-get -q update; touch /var/lib/apt/periodic/update-success-stamp")
    assert scan(web1).code == 0
    let_pass(web1, 8)
    told = scan(web1)
    assert "lab-tls 3.0.1-1 -> 3.0.1-1+deb12u2 (8 days)" in told.findings["security-updates"]
    assert "lab-held 1.0-1 -> 2.0-1 other" in told.output


def test_apt_with_a_source_that_never_answered_tells_nothing_about_what_waits(web1: Practice) -> None:
    web1.root("apt-get -q update; echo 'deb http://10.77.0.1:9/never ./' >/etc/apt/sources.list.d/never.list")
    assert "Some index files failed to download" in web1.root("apt-get -q update 2>&1")
    told = scan(web1)
    assert (told.code, told.why) == (75, "not verified: there are no package lists of 10.77.0.1:9_never_."), told.output
    web1.root("rm /etc/apt/sources.list.d/never.list")
    assert scan(web1).code == 0


def test_apt_counts_without_what_is_held_where_it_comes_to_no_plan_with_it(web1: Practice) -> None:
    web1.root(NO_PLAN_WITH_HOLDS)
    told = patch(web1)
    assert told.code == 0, told.output
    assert told.findings["held-packages"] == "warning are not counted: apt comes to no plan with them"
    assert web1.version("lab-app") == "1.1-1"


def test_apt_brings_back_what_a_repository_or_its_store_of_packages_still_has(web1: Practice) -> None:
    web1.root("apt-mark auto lab-lib")
    assert patch(web1).code == 0
    told = back(web1, only="lab-app lab-daemon")
    assert (told.code, len(told.changed)) == (0, 2), told.output
    web1.root("rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /var/lib/apt/lists/*Packages*")
    gone = back(web1, only="lab-lib")
    assert (gone.code, gone.changed) == (75, ())
    assert gone.findings["lab-lib"].startswith("warning cannot go back to 1.0-1: no repository and no store")
    web1.root(OLD_DEB)
    told = back(web1, only="lab-lib")
    assert (told.code, told.changed) == (0, ("lab-lib 1.0-1+deb12u1 -> 1.0-1",)), told.output
    assert "lab-lib" in web1.root("apt-mark showauto").split()
    assert back(web1, "verify.sh", only="lab-lib").code == 0
    again = back(web1, only="lab-lib")
    assert (again.code, again.changed) == (0, ())
