"""A coordinated restart of real practice hosts: who is at work, and what runs again."""

import subprocess
from collections.abc import Callable

import pytest

from tests.runbooks.practice import KEPT, Practice, Told

pytestmark = pytest.mark.lab

Command = Callable[..., subprocess.CompletedProcess[str]]
BY_HAND = """
printf '[Service]\\nExecStart=/usr/bin/sleep 9000\\n[Install]\\nWantedBy=multi-user.target\\n' \
  >/etc/systemd/system/by-hand.service
systemctl daemon-reload; systemctl start by-hand
"""
LOGIN = """
systemd-run -q sh -c 'sleep 600 | script -qc "login -f ops" /dev/null >/dev/null'
until who | grep -q ops; do sleep 0.05; done
"""


def before(host: Practice, **given: str) -> Told:
    return host.run("reboot-host", "before.sh", **{"wait_for": "1s", **given})


def after(host: Practice, **given: str) -> Told:
    return host.run("reboot-host", "after.sh", **{"settle": "2s", **given})


def test_a_restart_that_waits_is_done_once_and_everything_runs_again(web1: Practice, command: Command) -> None:
    web1.break_("reboot-required")
    words = ("run", "reboot-host", "acme/web1", "-t", "T-9", "--yes")
    boot = web1.root("cat /proc/sys/kernel/random/boot_id")
    done = command(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert web1.root("cat /proc/sys/kernel/random/boot_id") != boot
    boot = web1.root("cat /proc/sys/kernel/random/boot_id")
    again = command(*words)
    assert again.returncode == 0, again.stdout + again.stderr
    assert web1.root("cat /proc/sys/kernel/random/boot_id") == boot


def test_what_ran_before_and_does_not_run_now_is_named(web1: Practice) -> None:
    web1.root(BY_HAND)
    told = before(web1)
    assert (told.code, told.changed) == (0, ())
    assert "by-hand.service" in web1.root(f"cat {KEPT}/services")
    assert after(web1).code == 0
    assert after(web1, reboot="always").why == "the host was not restarted"
    web1.root(f"systemctl stop by-hand lab-web; systemctl kill -s KILL cron; echo other >{KEPT}/boot")
    told = after(web1, reboot="always")
    assert told.code == 1, told.output
    assert told.why == "does not run again: by-hand.service lab-web.service"
    assert "is not enabled" in told.findings["by-hand.service"]
    assert told.findings["lab-web.service"] == "critical ran before and is inactive now"


def test_without_the_list_nothing_is_called_verified(web1: Practice) -> None:
    assert (after(web1).code, after(web1).why) == (75, "not verified: which services ran before was not noted")


def test_nobody_is_interrupted(web1: Practice) -> None:
    web1.root(LOGIN)
    told = before(web1)
    assert told.code == 75
    assert told.why.startswith("logged in: ops ")
    assert "  ops " in web1.run("reboot-host", "preview.sh").output
    assert before(web1, logged_in="ignore").code == 0
    web1.root(
        "cp /usr/bin/sleep /usr/local/bin/restic; systemd-run -q restic 600; until pgrep -x restic; do sleep 0.05; done"
    )
    assert before(web1, logged_in="ignore").why == "at work: restic"
    web1.root("pkill -x restic; systemd-run -q systemd-inhibit --what=shutdown --who=backup sleep 600")
    web1.root("until systemd-inhibit --list --no-legend | grep -q backup; do sleep 0.05; done")
    assert before(web1, logged_in="ignore").why == "at work: backup"


def test_a_host_that_might_not_start_again_is_not_restarted(web1: Practice) -> None:
    web1.root(
        "apt-get -q update; cd /tmp; apt-get download -q linux-image-lab=6.1.11-1; dpkg --unpack linux-image-lab_*.deb"
    )
    told = before(web1)
    assert told.code == 75
    assert told.why.startswith("the host might not start again, not fully installed (fix-packages): linux-image-lab")
