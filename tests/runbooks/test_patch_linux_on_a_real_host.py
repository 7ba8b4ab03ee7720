"""Patching on real practice hosts: each trap of apt and dpkg that was measured in the field."""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

EVERYTHING = {
    "lab-app 1.0-1 -> 1.1-1",
    "lab-daemon 1.0-1 -> 1.1-1",
    "lab-lib 1.0-1 -> 1.0-1+deb12u1",
    "lab-tls 3.0.1-1 -> 3.0.1-1+deb12u2",
    "linux-image-6.1.0-11-lab not installed -> 6.1.11-1",
    "linux-image-lab 6.1.10-1 -> 6.1.11-1",
}
WRAPPED = """cat >/usr/local/sbin/apt-get <<'X'
#!/bin/sh
/usr/bin/apt-get "$@" || exit $?
case " $* " in *" -s "*) echo "Remv {name} [1.0-1]" ;; esac
X
chmod 755 /usr/local/sbin/apt-get"""


def patch(host: Practice, **given: str) -> Told:
    return host.run("patch-linux", "patch.sh", **{"lock_wait": "5s", "min_free": "20", **given})


def blocked(host: Practice, **given: str) -> str:
    """The reason; nothing may have changed."""
    before = host.packages()
    told = patch(host, **given)
    assert told.code == 75, told.output
    assert told.changed == ()
    assert host.packages() == before
    return told.why


def test_all_updates_are_installed_named_and_proved(web1: Practice) -> None:
    told = patch(web1)
    assert told.code == 0, told.output
    assert set(told.changed) == EVERYTHING
    assert web1.run("patch-linux", "verify.sh").code == 0
    assert "kernel 6.1.0-11-lab is installed" in web1.found("pending-reboot")["reboot"]


def test_what_a_program_says_while_it_installs_reports_nothing(web1: Practice) -> None:
    hook = """'DPkg::Post-Invoke { "echo msp: changed sshd replaced by nobody"; };'"""
    web1.root(f"echo {hook} >/etc/apt/apt.conf.d/99forged")
    told = patch(web1)
    assert "  msp: changed sshd replaced by nobody" in told.output
    assert (set(told.changed), told.why) == (EVERYTHING, "")


def test_a_second_run_changes_nothing(web1: Practice) -> None:
    patch(web1)
    before = web1.packages()
    again = patch(web1)
    assert (again.code, again.changed) == (0, ())
    assert web1.packages() == before


def test_a_held_package_stays_and_it_is_said_why(web1: Practice) -> None:
    told = patch(web1)
    assert web1.version("lab-held") == "1.0-1"
    assert told.findings["lab-held"] == "info stays at 1.0-1: a person put it on hold"


def test_only_security_leaves_the_others_and_leaves_no_hold_behind(web1: Practice) -> None:
    told = patch(web1, only_security="yes")
    assert told.code == 0, told.output
    assert web1.version("lab-lib") == "1.0-1+deb12u1"
    assert web1.version("lab-app") == "1.0-1"
    assert web1.root("apt-mark showhold") == "lab-held"
    assert web1.run("patch-linux", "verify.sh", only_security="yes").code == 0
    assert web1.run("patch-linux", "verify.sh").why == "still to be installed: lab-app lab-daemon"


def test_packages_keep_their_mark_of_automatic_installation(web1: Practice) -> None:
    web1.root("apt-mark auto lab-lib")
    patch(web1, only_security="yes")
    assert "lab-lib" in web1.root("apt-mark showauto").split()


def test_an_excluded_package_stays(web1: Practice) -> None:
    told = patch(web1, exclude="lab-app lab-lib")
    assert told.code == 0, told.output
    assert (web1.version("lab-app"), web1.version("lab-lib")) == ("1.0-1", "1.0-1")
    assert told.findings["lab-app"] == "info stays as it is: this run excludes it"


def test_the_preview_says_what_the_run_then_does_and_changes_nothing(web1: Practice) -> None:
    web1.root("apt-get -q update")
    before = web1.packages()
    preview = web1.run("patch-linux", "preview.sh", only_security="yes")
    assert "lab-tls 3.0.1-1 -> 3.0.1-1+deb12u2 [security]" in preview.output
    assert "lab-app 1.0-1 -> 1.1-1 (not a security update: stays)" in preview.output
    assert web1.packages() == before


def test_a_held_lock_blocks_and_its_holder_is_named(web1: Practice) -> None:
    web1.break_("dpkg-lock", "60")
    assert "held by process" in blocked(web1, lock_wait="2s")


def test_a_lock_that_is_let_go_in_time_is_waited_for(web1: Practice) -> None:
    web1.break_("dpkg-lock", "4")
    assert patch(web1, lock_wait="60s").code == 0


def test_the_lock_of_the_lists_is_waited_for_as_well(web1: Practice) -> None:
    """DPkg::Lock::Timeout does not cover it."""
    web1.root(
        """systemd-run -q perl -MFcntl -e 'open F, "+<", "/var/lib/apt/lists/lock";
        my $l = pack("ssx4qqi", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLKW, $l) or die; open M, ">/run/held"; sleep 60'
        until [ -e /run/held ]; do sleep 0.05; done"""
    )
    assert "/var/lib/apt/lists/lock" in blocked(web1, lock_wait="2s")


def test_the_nightly_upgrade_at_work_blocks_although_it_holds_no_lock(web1: Practice) -> None:
    web1.root(
        """systemctl unmask apt-daily-upgrade.service; cd /run/systemd/system; mkdir -p apt-daily-upgrade.service.d
        printf '[Service]\\nExecStart=\\nExecStart=/bin/sleep 60\\n' >apt-daily-upgrade.service.d/sleepy.conf
        systemctl daemon-reload; systemctl start --no-block apt-daily-upgrade.service"""
    )
    assert "apt-daily-upgrade.service" in blocked(web1, lock_wait="1s")


def test_lists_that_cannot_be_refreshed_block_although_apt_calls_it_a_success(web1: Practice) -> None:
    web1.root("apt-get -q update")
    web1.break_("mirror-down")
    assert web1.ends("apt-get -q -o Acquire::Retries=0 update") == 0
    assert "package lists cannot be refreshed" in blocked(web1)


def test_a_mirror_that_stopped_years_ago_blocks(web1: Practice) -> None:
    web1.break_("mirror-stale")
    assert "expired" in blocked(web1)


def test_a_clock_that_is_two_days_behind_blocks(web1: Practice) -> None:
    web1.break_("clock-skew", "-2d")
    assert "not valid yet" in blocked(web1)


def test_a_full_disk_blocks_before_anything_is_unpacked(web1: Practice) -> None:
    web1.break_("disk-full")
    assert "not enough room" in blocked(web1)


def test_the_room_that_must_stay_is_counted(web1: Practice) -> None:
    assert "needed are 100000 MiB" in blocked(web1, min_free="100000")


def test_a_read_only_file_system_blocks(web1: Practice) -> None:
    web1.break_("readonly")
    assert "read-only" in blocked(web1)


def test_a_changed_configuration_is_kept_without_a_question_and_reported(web1: Practice) -> None:
    web1.break_("conffile")
    told = patch(web1)
    assert told.code == 0, told.output
    assert "local=1" in web1.root("cat /etc/lab-conf.ini")
    assert "lab-conf.ini.dpkg-dist" in told.findings["/etc/lab-conf.ini"]


def test_a_package_whose_script_fails_is_named_and_the_run_is_no_success(web1: Practice) -> None:
    web1.break_("broken-package")
    told = patch(web1)
    assert told.code == 1, told.output
    assert "cannot migrate" in told.findings["lab-broken"]
    assert web1.version("lab-app") == "1.1-1"
    assert "lab-broken" in web1.run("patch-linux", "verify.sh").why
    assert web1.found("package-health")["lab-broken"].endswith("only half configured")
    assert "lab-broken" in web1.found("patch-state")


def test_an_interrupted_installation_is_left_to_a_person(web1: Practice) -> None:
    web1.break_("half-configured")
    before = web1.packages()
    told = patch(web1)
    assert told.code == 1
    assert "lab-app" in told.why
    assert web1.packages() == before


def test_an_interrupted_installation_is_finished_when_that_is_allowed(web1: Practice) -> None:
    web1.break_("half-configured")
    told = patch(web1, finish_interrupted="yes")
    assert told.code == 0, told.output
    assert "lab-app its interrupted installation was finished" in told.changed
    assert web1.found("package-health") == {}


def test_a_service_that_does_not_come_back_is_a_failure(web1: Practice) -> None:
    web1.root(
        """mkdir /etc/systemd/system/lab-web.service.d; cd /etc/systemd/system/lab-web.service.d
        printf '[Service]\\nExecStartPre=/usr/bin/test ! -e /run/no-more\\n' >moody.conf
        systemctl daemon-reload; touch /run/no-more
        printf 'DPkg::Post-Invoke { "systemctl restart lab-web || true"; };' >/etc/apt/apt.conf.d/99restart"""
    )
    told = patch(web1)
    assert told.code == 1, told.output
    assert told.findings["lab-web.service"] == "critical ran before the updates and does not run now"


@pytest.mark.parametrize("allowed", ["no", "yes"])
def test_an_upgrade_that_would_remove_what_the_host_needs_is_refused(web1: Practice, allowed: str) -> None:
    web1.root(WRAPPED.format(name="openssh-server"))
    assert "would remove openssh-server" in blocked(web1, allow_removals=allowed)


def test_an_unplanned_removal_is_refused(web1: Practice) -> None:
    web1.root(WRAPPED.format(name="lab-app"))
    assert "would remove lab-app; allow it" in blocked(web1)
