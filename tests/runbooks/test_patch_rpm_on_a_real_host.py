"""Patching with the real dnf and the real zypper: each trap of theirs, on a host that is a layer over this machine."""

import pytest

from tests.runbooks.practice import KEPT, Practice, Told
from tests.runbooks.rpm_hosts import publish
from tests.runbooks.rpm_packages import LONG
from tests.runbooks.rpm_room import PUBLISH, SYSTEMCTL

pytestmark = pytest.mark.lab

EVERYTHING = {
    "lab-app 1.0-1 -> 1.1-1",
    "lab-conf 1.0-1 -> 1.1-1",
    "lab-tls 3.1-1 -> 3.2-1",
    "kernel not installed -> 6.2-1",
}
HOLD_LOCK = """python3 -c 'import fcntl, time
held = open("/var/lib/rpm/.rpm.lock", "r+"); fcntl.lockf(held, fcntl.LOCK_EX)
open("/run/held", "w"); time.sleep({time})
' >/dev/null 2>&1 & until [ -e /run/held ]; do sleep 0.05; done"""

# Each real update ends with this code; after the first one there is still something to do.
ZYPPER_ENDS = """cat >/usr/local/sbin/zypper <<'X'
#!/bin/sh
case " $* " in
  *--dry-run* | *--download-only*) exec /usr/bin/zypper "$@" ;;
  *" update "*)
    /usr/bin/zypper "$@" || exit $?
    [ -e /run/once ] || {again} rpm -U --oldpackage --force /srv/lab/old/lab-tls*.rpm 2>/dev/null
    touch /run/once
    exit {code} ;;
  *) exec /usr/bin/zypper "$@" ;;
esac
X
chmod 755 /usr/local/sbin/zypper"""

DNF_LEAVES_OUT = """cat >/usr/local/sbin/dnf <<'X'
#!/bin/sh
case " $* " in
  *--assumeno* | *--downloadonly*) ;;
  *" -y "*upgrade*) set -- "$@" --exclude=lab-app ;;
esac
exec /usr/bin/dnf "$@"
X
chmod 755 /usr/local/sbin/dnf"""


def patch(host: Practice, **given: str) -> Told:
    return host.run("patch-linux", "patch-rpm.sh", **{"lock_wait": "2s", "min_free": "20", **given})


def verify(host: Practice, **given: str) -> Told:
    return host.run("patch-linux", "verify.sh", **given)


def installed(host: Practice) -> list[str]:
    return sorted(host.root("rpm -qa").split())


def blocked(host: Practice, **given: str) -> str:
    """The reason; nothing may have changed."""
    before = installed(host)
    told = patch(host, **given)
    assert told.code == 75, told.output
    assert told.changed == ()
    assert installed(host) == before
    return told.why


def test_all_updates_are_installed_named_and_proved_and_a_second_run_changes_nothing(host: Practice) -> None:
    told = patch(host)
    assert told.code == 0, told.output
    assert set(told.changed) == EVERYTHING
    assert verify(host).code == 0
    assert "lab-app.noarch|1.0-1" in host.root(f"cat {KEPT}/packages-before")
    again = patch(host)
    assert (again.code, again.changed) == (0, ()), again.output
    assert "nothing is left to install" in again.output
    assert host.found("package-health") == {}
    assert host.found("patch-state") == {}


def test_only_security_leaves_the_others(host: Practice) -> None:
    told = patch(host, only_security="yes")
    assert told.code == 0, told.output
    assert told.changed == ("lab-tls 3.1-1 -> 3.2-1",)
    assert verify(host, only_security="yes").code == 0
    assert set(verify(host).why.split()[4:]) == {"kernel", "lab-app", "lab-conf"}


def test_an_excluded_package_stays_and_no_lock_is_left_behind(host: Practice) -> None:
    told = patch(host, exclude="lab-app lab-conf")
    assert told.code == 0, told.output
    assert {"lab-app-1.0-1.noarch", "lab-conf-1.0-1.noarch"} <= set(installed(host))
    assert told.findings["lab-app"] == "info stays as it is: this run excludes it"
    assert verify(host, exclude="lab-app lab-conf").code == 0
    assert verify(host).why == "still to be installed: lab-app lab-conf"


def test_the_preview_says_what_the_run_then_does_and_changes_nothing(host: Practice) -> None:
    assert host.run("patch-linux", "preview.sh").code == 75
    host.root(f"{'dnf makecache' if host.name == 'dnf' else 'zypper -n refresh'} 2>&1")
    before = installed(host)
    preview = host.run("patch-linux", "preview.sh", only_security="yes", exclude="lab-conf")
    assert "lab-tls 3.1-1 -> 3.2-1 [security]" in preview.output
    assert "lab-app 1.0-1 -> 1.1-1 (not a security update: stays)" in preview.output
    assert "lab-conf 1.0-1 -> 1.1-1 (stays as it is: this run excludes it)" in preview.output
    assert "1 packages would change" in preview.output
    assert installed(host) == before


def test_the_lock_of_a_lone_rpm_blocks_and_is_waited_for_as_long_as_told(host: Practice) -> None:
    host.root(HOLD_LOCK.format(time=3))
    assert "another package manager is at work" in blocked(host, lock_wait="1s")
    assert patch(host, lock_wait="60s").code == 0


def test_the_lock_of_dnf_blocks_and_its_holder_is_named(rocky: Practice) -> None:
    rocky.root("mkdir -p /var/cache/dnf; echo 1 >/var/cache/dnf/metadata_lock.pid")
    assert "metadata already locked by 1" in blocked(rocky)


def test_the_lock_of_zypper_blocks_and_its_holder_is_named(suse: Practice) -> None:
    suse.root("echo 1 >/run/zypp.pid")
    assert "locked by the application with pid 1" in blocked(suse)


def test_the_nightly_upgrade_at_work_blocks(rocky: Practice) -> None:
    rocky.root(SYSTEMCTL)
    rocky.root("echo dnf-automatic.service loaded activating >/run/lab-automatic")
    assert "dnf-automatic.service" in blocked(rocky, lock_wait="1s")


def test_a_repository_that_is_gone_blocks_although_its_file_lets_it_be_skipped(host: Practice) -> None:
    host.root("cd /etc; sed 's/lab/gone/g' yum.repos.d/lab.repo | tee yum.repos.d/gone.repo >zypp/repos.d/gone.repo")
    if host.name == "dnf":
        assert host.ends("dnf makecache --refresh") == 0
    assert "package lists cannot be refreshed" in blocked(host)


def test_a_host_without_a_repository_blocks_although_nothing_is_to_do_there(host: Practice) -> None:
    host.root("rm /etc/yum.repos.d/* /etc/zypp/repos.d/*")
    assert "package lists cannot be refreshed" in blocked(host)
    assert verify(host).code == 75


def test_old_lists_prove_nothing(host: Practice) -> None:
    assert patch(host).code == 0
    host.root("find /var/cache/dnf /var/cache/zypp -exec touch -h -d '3 days ago' {} + 2>/dev/null; true")
    assert verify(host).why == "not verified: the package lists were not refreshed in the last three hours"
    assert "not verified: the package lists are 3 days old" in host.found("patch-state")["package lists"]


def test_a_repository_that_marks_nothing_as_security_blocks_a_run_of_security_updates(rocky: Practice) -> None:
    rocky.root("createrepo_c -q /srv/lab/repo")
    assert "no repository says which updates are for security" in blocked(rocky, only_security="yes")


def test_the_room_that_must_stay_is_counted(host: Practice) -> None:
    assert "needed are 1000000 MiB" in blocked(host, min_free="1000000")


def test_a_package_that_would_be_replaced_is_refused_unless_that_is_allowed(host: Practice) -> None:
    publish(host, "replaces")
    assert blocked(host) == "the upgrade would remove lab-gone; allow it with allow-removals"
    told = patch(host, allow_removals="yes")
    assert told.code == 0, told.output
    assert "lab-gone 1.0-1 -> removed" in told.changed


def test_a_name_too_long_for_the_table_of_dnf_is_read_whole(rocky: Practice) -> None:
    publish(rocky, "long")
    told = patch(rocky)
    assert told.code == 0, told.output
    assert f"{LONG} 1.0-1 -> 1.1.20261123.git0123456789abcdef0123456789abcdef-1" in told.changed
    assert "replaced" not in told.output


def test_the_oldest_kernel_may_go_when_a_new_one_comes(rocky: Practice) -> None:
    rocky.root("sed -i s/installonly_limit.*/installonly_limit=2/ /etc/dnf/dnf.conf")
    assert patch(rocky).code == 0
    publish(rocky, "third")
    told = patch(rocky)
    assert (told.code, told.changed) == (0, ("kernel 6.1-1 -> 6.3-1",)), told.output


@pytest.mark.parametrize(
    ("code", "end", "why"),
    [
        (102, 0, ""),
        (103, 0, ""),
        (106, 1, "zypper left repositories out"),
        (107, 1, "the script of a package failed"),
    ],
)
def test_what_zypper_says_by_its_exit_code_counts(suse: Practice, code: int, end: int, why: str) -> None:
    suse.root(ZYPPER_ENDS.format(code=code, again="" if code == 103 else ":"))
    told = patch(suse)
    assert told.code == end, told.output
    assert why in told.why
    assert set(told.changed) == EVERYTHING


def test_a_package_that_does_not_fit_stays_and_the_others_come(rocky: Practice) -> None:
    publish(rocky, "unfit")
    told = patch(rocky)
    assert told.code == 0, told.output
    assert told.findings["lab-app"].startswith("info is not brought to 1.2-1")
    assert "lab-tls 3.1-1 -> 3.2-1" in told.changed


def test_a_package_whose_first_script_fails_is_named_and_the_run_is_no_success(host: Practice) -> None:
    publish(host, "broken")
    told = patch(host)
    assert told.code == 1, told.output
    assert "lab-app" in told.why
    assert told.findings["lab-app"].startswith("critical ")
    assert "cannot migrate" in told.findings["lab-app"]
    assert "lab-app" in verify(host).why


def test_a_package_that_dnf_left_out_is_named_although_it_said_complete_and_ended_well(rocky: Practice) -> None:
    rocky.root(DNF_LEAVES_OUT)
    told = patch(rocky)
    assert told.code == 1, told.output
    assert "Complete!" in told.output
    assert told.why == "not fully installed: lab-app"
    assert told.findings["lab-app"] == "critical is not at 1.1-1"
    assert verify(rocky).why == "still to be installed: lab-app"


def test_a_package_whose_last_script_fails_is_named_although_it_counts_as_installed(host: Practice) -> None:
    publish(host, "shaky")
    told = patch(host)
    assert told.code == 1, told.output
    assert "lab-app 1.0-1 -> 1.2-1" in told.changed
    assert told.findings["lab-app"].startswith("critical its post script failed")
    assert not any(change.startswith("x ") for change in told.changed)


def test_a_changed_configuration_is_kept_and_reported(host: Practice) -> None:
    host.root("echo local >>/etc/lab-conf.ini")
    told = patch(host)
    assert told.code == 0, told.output
    assert "local" in host.root("cat /etc/lab-conf.ini")
    assert "lab-conf.ini.rpmnew" in told.findings["/etc/lab-conf.ini"]


def test_a_service_that_does_not_come_back_is_a_failure(host: Practice) -> None:
    host.root(SYSTEMCTL)
    host.root("printf '#!/bin/sh\\n' >/usr/local/sbin/sleep; chmod 755 /usr/local/sbin/sleep")
    publish(host, "restarts")
    told = patch(host)
    assert told.code == 1, told.output
    assert told.findings["lab-web.service"] == "critical ran before the updates and does not run now"


def test_an_update_that_was_cut_is_seen_left_to_a_person_and_finished_when_that_is_allowed(host: Practice) -> None:
    publish(host, "deadly")
    if host.name == "dnf":
        host.ends("dnf -y upgrade")
    else:
        host.ends("rpm -U --nodeps /srv/lab/deadly/lab-app*.rpm")
    found = host.found("package-health")
    assert found["lab-app"] == "critical there twice, 1.0-1 and 1.2-1: an installation was interrupted"
    assert ("dnf" in found) is (host.name == "dnf")
    told = patch(host)
    assert told.code == 1
    assert "an installation was interrupted" in told.why
    assert told.changed == ()
    assert verify(host).why == "an installation was interrupted: lab-app.noarch is there twice"
    host.root("rm -rf /srv/lab/repo/lab-app-1.2*; cp /srv/lab/restarts/lab-app-1.2*.rpm /srv/lab/repo")
    host.root(PUBLISH.format(name="new"))
    told = patch(host, finish_interrupted="yes")
    assert told.code == 0, told.output
    assert "lab-app its interrupted installation was finished" in told.changed
    assert host.found("package-health") == {}


def test_a_debian_that_has_dnf_as_well_is_apts(rocky: Practice) -> None:
    rocky.root("echo ID=debian >/etc/os-release")
    told = patch(rocky)
    assert (told.code, told.changed) == (0, ())
    assert "apt's" in told.output


def test_a_red_hat_that_has_apt_as_well_is_not_apts(rocky: Practice) -> None:
    rocky.root("printf '#!/bin/sh\\n' >/usr/bin/apt-get; chmod 755 /usr/bin/apt-get")
    told = rocky.run("patch-linux", "patch.sh")
    assert (told.code, told.changed) == (0, ())
    assert "not apt's" in told.output


def test_what_waits_is_told_by_name_and_security_apart(host: Practice) -> None:
    host.root(f"{'dnf makecache' if host.name == 'dnf' else 'zypper -n refresh'} 2>&1")
    found = host.found("patch-state")
    assert found["security updates"] == "warning 1 wait: lab-tls 3.1-1 -> 3.2-1"
    assert "lab-app 1.0-1 -> 1.1-1" in found["updates"]
    assert "lab-tls" not in found["updates"]


def test_a_new_kernel_waits_for_a_reboot(rocky: Practice) -> None:
    assert patch(rocky).code == 0
    assert "kernel changed since the start" in rocky.found("pending-reboot")["reboot"]


def test_without_a_reason_no_reboot_waits(suse: Practice) -> None:
    assert suse.found("pending-reboot") == {}


def test_a_nightly_upgrade_that_only_tells_is_no_second_manager(rocky: Practice) -> None:
    rocky.root(SYSTEMCTL)
    assert rocky.found("patch-managers") == {}
    rocky.root("echo 'apply_updates = yes' >>/etc/dnf/automatic.conf")
    assert "dnf-automatic.timer" in rocky.found("patch-managers")
