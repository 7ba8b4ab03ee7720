"""A practice host is a Debian like any other: systemd, sshd, apt, reboots, backups."""

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from msp_ops.lab.lab import Lab
from msp_ops.lab.waiting import wait_for
from tests.lab_room.practice import Practice

pytestmark = pytest.mark.lab

RESTIC = "restic --no-cache --password-file /root/.restic-password --repo /srv/backup"
UPGRADE = "DEBIAN_FRONTEND=noninteractive apt-get -yq"


def pending(host: Practice) -> dict[str, str]:
    """Package to archive label, as a simulated dist-upgrade lists it."""
    found = host.says("apt-get -q update >/dev/null && apt-get -s dist-upgrade")
    return dict(re.findall(r"^Inst (\S+) .*\(\S+ (\S+?)[:/]", found, re.MULTILINE))


def test_ssh_answers_with_the_pinned_key_and_sudo_asks_for_nothing(two_hosts: Lab):
    for name in ("acme-web1", "acme-db1"):
        answer = Practice(lab=two_hosts, name=name).ssh("hostname; sudo -n id -un")
        assert (answer.stdout, answer.stderr) == (f"{name}\nroot\n", "")


def test_systemd_is_well_and_there_is_no_python(db1: Practice):
    assert db1.root("systemctl is-system-running --wait").stdout == "running\n"
    assert db1.root("command -v python3").returncode != 0


def test_nothing_leaves_the_lab(two_hosts: Lab, db1: Practice):
    controller = subprocess.run(
        two_hosts.exec_argv(["ip", "route", "get", "192.0.2.1"]), capture_output=True, text=True, check=False
    )
    assert "unreachable" in controller.stderr
    assert "unreachable" in db1.root("ip route get 192.0.2.1").stderr


def test_apt_sees_pending_updates_with_their_archive(web1: Practice):
    security = "Ubuntu" if web1.root("grep -q ubuntu /etc/os-release").returncode == 0 else "Debian-Security"
    found = pending(web1)
    assert {name for name, label in found.items() if label == security} >= {"lab-lib", "lab-tls", "linux-image-lab"}
    assert {"lab-app", "lab-daemon"} <= set(found)


def test_a_held_package_stays_and_patching_restarts_the_daemon(web1: Practice):
    before = web1.says("systemctl show --property MainPID lab-daemon")
    assert pending(web1)
    web1.says(f"{UPGRADE} upgrade")
    assert web1.says("dpkg-query -W -f '${Version}' lab-held") == "1.0-1"
    assert web1.says("dpkg-query -W -f '${Version}' lab-daemon") == "1.1-1"
    assert web1.says("systemctl show --property MainPID lab-daemon") != before
    assert web1.says("cat /run/reboot-required.pkgs") == "lab-tls"


def test_a_kernel_update_needs_its_reboot(web1: Practice):
    pending(web1)
    web1.says(f"{UPGRADE} dist-upgrade")
    assert web1.says("uname -r") == "6.1.0-10-lab"
    assert "linux-image-6.1.0-11-lab" in web1.says("cat /run/reboot-required.pkgs")

    reboot(web1)
    assert web1.says("uname -r") == "6.1.0-11-lab"
    assert web1.root("cat /run/reboot-required").returncode != 0


def reboot(host: Practice) -> None:
    boots = host.lab.status()[0].boots
    host.ssh("sudo systemctl reboot")
    wait_for(lambda: host.lab.status()[0].boots > boots, "the next boot", limit=30)
    wait_for(lambda: host.ssh("true").returncode == 0, "sshd", limit=30)


def test_a_reboot_is_seen_by_every_detector_and_keeps_the_disk(web1: Practice):
    looks = ("cat /proc/sys/kernel/random/boot_id", "uptime -s", "grep btime /proc/stat", "stat -c %Y /proc/1")
    web1.says("touch /var/tmp/kept; until [ $(cut -d. -f1 /proc/uptime) -ge 3 ]; do sleep 0.1; done")
    before = [web1.says(look) for look in looks]
    boots = int(web1.says("journalctl --list-boots | wc -l"))

    reboot(web1)
    after = [web1.says(look) for look in looks]
    assert not set(before) & set(after)
    assert float(web1.says("cut -d' ' -f1 /proc/uptime")) < 30
    assert int(web1.says("journalctl --list-boots | wc -l")) == boots + 1
    assert web1.says("ls /var/tmp/kept")


def test_a_reset_throws_changes_away_and_keeps_the_keys(web1: Practice):
    web1.says("touch /etc/changed; systemctl disable --now lab-web")
    web1.lab.fault(web1.name, "drop")
    pins = web1.lab.pins()
    web1.lab.reset(web1.name)
    assert web1.root("ls /etc/changed").returncode != 0
    assert web1.ssh("systemctl is-enabled lab-web").stdout == "enabled\n"
    assert (web1.lab.pins(), web1.faults) == (pins, ())


def test_a_host_that_is_off_can_be_reset(web1: Practice):
    web1.lab.fault(web1.name, "power-off")
    web1.lab.reset(web1.name)
    assert web1.ssh("true").returncode == 0


def test_the_web_service_answers_on_its_port(db1: Practice):
    ask = 'exec 3<>/dev/tcp/localhost/8080; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3'
    answer = db1.lab.inside(db1.name, ["bash", "-c", ask]).stdout
    assert answer.startswith("HTTP/1.0 200 OK")
    assert answer.endswith("acme-db1 is well\n")


@pytest.mark.parametrize(("repository", "hours"), [("restic", 4), ("restic-corrupt", 4), ("restic-stale", 72)])
def test_backups_are_as_old_as_they_say(db1: Practice, repository: str, hours: int):
    newest = json.loads(db1.says(f"{RESTIC}/{repository} snapshots --json latest"))[-1]["time"]
    now = datetime.fromisoformat(db1.says("date --iso-8601=seconds"))
    taken = datetime.fromisoformat(re.sub(r"\.\d+", "", newest))
    assert timedelta(hours=hours) <= now - taken < timedelta(hours=hours, minutes=30)


def test_a_sound_backup_holds_the_hosts_data(db1: Practice):
    db1.says(f"{RESTIC}/restic restore latest --target /tmp/restored --quiet")
    db1.says("diff -r /srv/data /tmp/restored/srv/data")


def test_dumps_are_as_old_as_they_say_and_the_sound_ones_can_be_read(db1: Practice):
    ages = db1.says(
        "cd /srv/backup; echo $((($(date +%s) - $(stat -c %Y postgres/shop.dump)) / 3600)) "
        "$((($(date +%s) - $(stat -c %Y postgres-stale/shop.dump)) / 3600))"
    )
    assert ages == "4 72"
    db1.says("pg_restore -f /dev/null /srv/backup/postgres/shop.dump && gzip -t /srv/backup/postgres/shop.sql.gz")


def test_a_lab_may_be_used_from_inside_its_own_network(two_hosts: Lab, tmp_path_factory: pytest.TempPathFactory):
    program = tmp_path_factory.mktemp("program") / "inside.py"
    program.write_text(
        "import sys\nfrom pathlib import Path\nfrom msp_ops.lab.lab import Lab\n"
        "lab = Lab.attach(Path(sys.argv[1]))\nlab.fault('acme-web1', 'reset')\nlab.reset('acme-web1')\n"
        "print(lab.inside('acme-web1', ['hostname']).stdout, [host.running for host in lab.status()])\n"
    )
    done = subprocess.run(
        two_hosts.exec_argv([sys.executable, str(program), str(two_hosts.folder.path)]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "acme-web1\n [True, True]\n", done.stderr
