"""Each fault does what it says, and clearing it undoes that."""

import time

import pytest

from msp_ops.lab.errors import LabError
from msp_ops.lab.faults import FAULTS
from msp_ops.lab.waiting import wait_for
from tests.lab_room.practice import Look, Practice, fails, holds, ssh_says

pytestmark = pytest.mark.lab

_UPDATE = "apt-get -q -o Acquire::Retries=0 -o APT::Update::Error-Mode=any update"
_INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get -yq -o DPkg::Lock::Timeout=0 install"
_PASSWORD = "a password is required"


_TAKES_TWO_SECONDS = (
    f"start=$(date +%s); dpkg -s lab-slow && LAB_SLOW=2 {_INSTALL} lab-slow && [ $(($(date +%s) - start)) -ge 2 ]"
)


def sudo_asks(host: Practice) -> bool:
    done = host.ssh("sudo -n true")
    return done.returncode == 1 and _PASSWORD in done.stderr


def prints_noise(host: Practice) -> bool:
    return "LCOME \ufffd\ufffd" in host.ssh("true").stdout


def crawls(host: Practice) -> bool:
    """20 kB over 64 kbit/s take two seconds and a half; over a wire of this machine nothing that can be felt."""
    started = time.monotonic()
    done = host.ssh("head -c 20000 /dev/zero")
    return done.returncode == 0 and time.monotonic() - started > 1.5


BROKEN: dict[str, tuple[str | None, Look]] = {
    "link-down": (None, ssh_says("timed out")),
    "drop": (None, ssh_says("timed out")),
    "reset": (None, ssh_says("Connection refused")),
    "loss": ("99", ssh_says("timed out")),
    "slow-link": ("64", crawls),
    "mirror-down": (None, fails(_UPDATE, 100, "Connection refused")),
    "sshd-down": (None, ssh_says("Connection refused")),
    "auth": (None, ssh_says("Permission denied (publickey)")),
    "hostkey": (None, ssh_says("Host key verification failed")),
    "sudo-password": (None, sudo_asks),
    "no-sudo": (None, sudo_asks),
    "shell": (None, holds("getent passwd ops | grep -q /bin/dash")),
    "noise": (None, prints_noise),
    "service-down": (None, fails("systemctl is-active lab-web", 3)),
    "service-broken": (None, holds("systemctl is-failed lab-web")),
    "failed-unit": (None, fails("systemctl is-system-running", 1, "degraded")),
    "disk-full": (None, fails("head -c 9 /dev/zero >/var/tmp/one-more", 1, "No space left")),
    "readonly": (None, fails("touch /var/tmp/one-more", 1, "Read-only file system")),
    "clock-skew": (None, holds('[ "$(date +%Y-%m-%d)" != "$(LD_PRELOAD= stat -c %y /proc/self | cut -c1-10)" ]')),
    "load": (None, holds("systemctl is-active lab-load-1")),
    "cert-expiring": (None, fails("openssl x509 -checkend 604800 -in /etc/ssl/lab-web.pem")),
    "reboot-required": (None, holds("grep -q restart /run/reboot-required")),
    "conffile": (None, fails(f"{_INSTALL} lab-conf </dev/null", 100, "end of file on stdin at conffile prompt")),
    "broken-package": (None, fails(f"dpkg -s lab-broken && {_INSTALL} lab-broken", 100, "cannot migrate")),
    "slow-package": (None, holds(_TAKES_TWO_SECONDS)),
    "half-configured": (None, holds("dpkg --audit | grep -q lab-app")),
    "dpkg-lock": (None, fails(f"{_INSTALL} lab-app", 100, "lock-frontend. It is held by process")),
    "mirror-stale": (None, fails(_UPDATE, 100, "is expired")),
    "freeze": (None, ssh_says("timed out during banner exchange")),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_fault_does_what_it_says_until_it_is_cleared(cleared: Practice, kind: str):
    argument, is_broken = BROKEN[kind]
    cleared.lab.fault(cleared.name, kind, argument)
    assert is_broken(cleared)
    assert cleared.faults == (f"{kind} {argument or FAULTS[kind].default}".strip(),)

    cleared.lab.clear(cleared.name)
    assert not is_broken(cleared)
    assert cleared.faults == ()


def test_a_cut_kills_a_session_in_the_middle_of_its_command(cleared: Practice):
    session = cleared.start("echo begun; sleep 60; echo done")
    assert session.stdout is not None
    with session:
        assert session.stdout.readline() == "begun\n"
        cleared.lab.fault(cleared.name, "cut")
        assert session.wait(timeout=10) == 255
        assert session.stdout.read() == ""
    assert cleared.ssh("true").returncode == 0
    assert cleared.faults == ()


def test_damaged_backups_pass_every_check_but_reading_all_of_them(cleared: Practice):
    cleared.lab.fault(cleared.name, "backup-corrupt")
    restic = "restic --quiet --no-cache --repo /srv/backup/restic --password-file /root/.restic-password"
    assert cleared.root(f"{restic} check").returncode == 0
    assert cleared.root(f"{restic} check --read-data").returncode == 1
    assert cleared.root("pg_restore --list /srv/backup/postgres/shop.dump").returncode == 0
    assert cleared.root("pg_restore -f /dev/null /srv/backup/postgres/shop.dump").returncode == 1
    assert cleared.root("gzip -t /srv/backup/postgres/shop.sql.gz").returncode == 1
    cleared.lab.clear(cleared.name)
    assert cleared.root(f"{restic} check --read-data").returncode == 0


def test_a_stuck_reboot_comes_back_when_it_is_cleared(cleared: Practice):
    cleared.lab.fault(cleared.name, "reboot-stuck")
    before = cleared.says("cat /proc/sys/kernel/random/boot_id")
    cleared.root("systemctl reboot")
    wait_for(lambda: not cleared.is_running, "going down")

    cleared.lab.clear(cleared.name)
    assert cleared.says("cat /proc/sys/kernel/random/boot_id") != before


def test_a_host_that_is_off_is_switched_on_by_clear(cleared: Practice):
    cleared.says("touch /var/tmp/kept")
    cleared.lab.fault(cleared.name, "power-off")
    assert not cleared.is_running
    with pytest.raises(LabError, match=r"acme-web1 is not running; .* clear"):
        cleared.root("true")

    cleared.lab.clear(cleared.name)
    assert cleared.says("ls /var/tmp/kept")


def test_clearing_one_fault_leaves_the_others(cleared: Practice):
    for kind in ("reset", "service-down", "reboot-required"):
        cleared.lab.fault(cleared.name, kind)
    cleared.lab.clear(cleared.name, "service-down")
    assert cleared.faults == ("reset", "reboot-required")


def test_the_same_fault_again_replaces_the_first(cleared: Practice):
    cleared.lab.fault(cleared.name, "disk-full", "60")
    cleared.lab.fault(cleared.name, "disk-full", "80")
    assert cleared.says("df --output=pcent / | tail -1") == "80%"


@pytest.mark.parametrize(
    ("kind", "argument", "words"),
    [
        ("earthquake", None, "no fault 'earthquake'"),
        ("auth", "5", "takes no argument"),
        ("loss", "all", "whole number"),
    ],
)
def test_what_cannot_be_meant_is_refused(cleared: Practice, kind: str, argument: str | None, words: str):
    with pytest.raises(LabError, match=words):
        cleared.lab.fault(cleared.name, kind, argument)
    assert cleared.faults == ()


def test_every_fault_is_tried_here():
    apart = {"cut", "backup-stale", "backup-corrupt", "reboot-slow", "reboot-stuck", "power-off"}
    assert set(FAULTS) == set(BROKEN) | apart
