"""Accounts, release, inventory and diagnosis of a real practice host."""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab


def audit(host: Practice, script: str, **given: str) -> Told:
    return host.run("user-audit", f"{script}.sh", **given)


def measured(told: Told) -> dict[str, int]:
    return {one.name: int(one.value) for one in told.report.reading.measurements}


def test_accounts_that_did_not_log_in_and_old_passwords_are_told(web1: Practice) -> None:
    web1.root("useradd -m -s /bin/bash -p '$y$j9T$x$y' anna; chage -d 2020-01-01 anna")
    web1.root("useradd -m -s /bin/bash bert; chage -d 2020-01-01 bert")
    web1.root("useradd -m -s /bin/bash -p '$y$j9T$x$y' -e 2021-01-01 carla; chage -d 2020-01-01 carla")
    told = audit(web1, "accounts")
    assert set(told.findings) == {"anna", "anna:password"}, told.output
    assert "bert: cannot log in, it has neither a password nor a key" in told.output
    assert "carla: has expired" in told.output


def test_a_key_opens_an_account_whose_password_is_locked(web1: Practice) -> None:
    web1.root(
        "useradd -m -s /bin/bash bert; chage -d 2020-01-01 bert; mkdir ~bert/.ssh; echo k >~bert/.ssh/authorized_keys"
    )
    assert audit(web1, "accounts").findings["bert"] == "warning did not log in for 90 days, and can with a key"


def test_an_open_door_and_a_second_root_are_critical(web1: Practice) -> None:
    web1.root("echo 'weird::0:0::/root:/bin/sh' >>/etc/passwd; echo 'nopw:x:1500:100::/:/bin/sh' >>/etc/passwd")
    web1.root("echo 'nopw::19000::::::' >>/etc/shadow; useradd -s /bin/gone -p '$y$j9T$x$y' shellless")
    told = audit(web1, "accounts")
    critical = {subject for subject, text in told.findings.items() if text.startswith("critical")}
    assert critical == {"weird:uid-0", "weird:no-password", "nopw:no-password"}, told.output
    assert "shellless: cannot log in, its shell does not exist" in told.output


def test_keys_are_looked_for_where_sshd_looks_for_them(web1: Practice) -> None:
    web1.root("echo 'AuthorizedKeysFile /etc/ssh/keys/%u' >/etc/ssh/sshd_config.d/00-keys.conf; mkdir /etc/ssh/keys")
    web1.root("useradd -m -s /bin/bash bert; chage -d 2020-01-01 bert; cp ~ops/.ssh/authorized_keys /etc/ssh/keys/bert")
    assert audit(web1, "accounts").findings["bert"] == "warning did not log in for 90 days, and can with a key"
    assert measured(audit(web1, "keys")) == {"authorized_keys:bert": 1}


def test_a_command_over_ssh_is_a_login_though_lastlog_does_not_know_of_it(web1: Practice) -> None:
    web1.root("chage -d 2020-01-01 ops")
    assert "ops" in audit(web1, "accounts").findings
    web1.root("echo 'Accepted publickey for ops from 10.77.0.1 port 1 ssh2' | systemd-cat -t sshd; journalctl --sync")
    assert "ops" not in audit(web1, "accounts").findings


def test_who_logged_in_at_a_terminal_stands_in_lastlog(web1: Practice) -> None:
    web1.root("chage -d 2020-01-01 ops; lastlog -S -u ops")
    assert "ops" not in audit(web1, "accounts").findings


def test_a_host_that_does_not_know_who_logged_in_is_unknown(web1: Practice) -> None:
    web1.root("mv /usr/bin/lastlog /usr/bin/gone; : >/var/log/wtmp")
    told = audit(web1, "accounts")
    assert told.code == 75
    assert "does not know who logged in" in told.why


def test_keys_are_counted_by_type_weak_ones_told_and_comments_never_shown(web1: Practice) -> None:
    web1.root("cd /root; for n in a b; do ssh-keygen -q -t ed25519 -N '' -C 'msp: why hidden' -f $n; done")
    web1.root("cd /root; ssh-keygen -q -t rsa -b 1024 -N '' -f weak; mkdir -p .ssh")
    web1.root("cd /root; (cat a.pub b.pub; printf 'from=\"10.0.0.1\" '; cat weak.pub) >.ssh/authorized_keys")
    told = audit(web1, "keys")
    assert (told.code, set(told.findings)) == (0, {"root:weak-keys"}), told.output
    assert measured(told) == {"authorized_keys:root": 3, "authorized_keys:ops": 1}
    assert "2 ED25519" in told.output
    assert "hidden" not in told.output


def test_a_file_of_keys_that_anybody_may_change_is_critical_and_a_pipe_holds_nobody_up(web1: Practice) -> None:
    web1.root("chmod 0666 ~ops/.ssh/authorized_keys; mkdir /root/.ssh; mkfifo /root/.ssh/authorized_keys")
    told = audit(web1, "keys")
    assert told.findings["ops:keys-open-to-all"].startswith("critical")


def test_members_of_powerful_groups_are_measured_and_those_on_no_list_told(web1: Practice) -> None:
    web1.root("groupadd docker; useradd -g sudo dora; usermod -aG docker,sudo ops")
    assert audit(web1, "admins").findings == {}
    told = audit(web1, "admins", admins="ops")
    assert set(told.findings) == {"dora"}
    assert measured(told) == {"admins": 2}


def eol(host: Practice, release: str = "", **given: str) -> Told:
    if release:
        host.root(f"printf '%b' '{release}' >/etc/test-release; rm /etc/os-release; ln -s test-release /etc/os-release")
    return host.run("health-eol", "eol.sh", **given)


RELEASES = {
    'ID=debian\\nVERSION_ID="11"\\n': "critical",
    'ID=debian\\nVERSION_ID="12"\\n': "info",
    'ID=debian\\nVERSION_ID="13"\\n': "",
    'ID=ubuntu\\nVERSION_ID="20.04"\\n': "warning",
    'ID=ubuntu\\nVERSION_ID="22.04"\\n': "warning",
    'ID=ubuntu\\nVERSION_ID="24.04"\\n': "",
    'ID="rocky"\\nVERSION_ID="9.4"\\n': "",
    'ID="centos"\\nNAME="CentOS Linux"\\nVERSION_ID="8"\\n': "critical",
    'ID="centos"\\nNAME="CentOS Stream"\\nVERSION_ID="9"\\n': "",
    'ID="sles"\\nVERSION_ID="15.6"\\n': "warning",
    'ID="opensuse-leap"\\nVERSION_ID="15.5"\\n': "critical",
    'ID="opensuse-tumbleweed"\\nVERSION_ID="20261101"\\n': "",
    'ID="amzn"\\nVERSION_ID="2"\\n': "critical",
}


def at(host: Practice, day: str) -> None:
    """Programs see this day."""
    host.break_("clock-skew", f"@{day} 12:00:00")


def test_a_release_is_judged_by_the_day_of_the_host(web1: Practice) -> None:
    at(web1, "2026-11-23")
    for release, severity in RELEASES.items():
        told = eol(web1, release)
        assert told.code == 0, told.output
        assert told.findings.get("release", "").split(" ")[0] == severity, told.output


def test_a_release_that_the_table_does_not_know_is_unknown(web1: Practice) -> None:
    for release in ('ID=ubuntu\\nVERSION_ID="25.10"\\n', "ID=debian\\nNAME=sid\\n", "ID=gentoo\\n"):
        told = eol(web1, release)
        assert told.code == 75
        assert "does not know" in told.why


def test_days_are_counted_to_the_end_and_the_end_is_announced(web1: Practice) -> None:
    at(web1, "2028-08-01")
    told = eol(web1, 'ID=debian\\nVERSION_ID="13"\\n')
    assert measured(told) == {"support_days_left": 8}
    assert told.findings["release"].endswith("until 2028-08-09: 8 days are left")


def test_a_table_older_than_a_year_is_a_finding_and_a_clock_before_it_no_answer(web1: Practice) -> None:
    at(web1, "2027-08-30")
    assert "table" in eol(web1).findings
    at(web1, "2026-08-01")
    assert eol(web1).code == 75


def snapshot(host: Practice) -> Told:
    return host.run("inventory-snapshot", "snapshot.sh")


def test_two_snapshots_of_a_host_that_did_not_change_are_the_same_bytes(web1: Practice) -> None:
    first = snapshot(web1)
    web1.root("systemctl restart cron lab-web; sleep 1")
    assert (first.code, snapshot(web1).output) == (0, first.output)
    assert measured(first)["packages"] == int(web1.root("dpkg-query -W -f='${db:Status-Abbrev}\\n' | grep -c '^.i'"))


def test_what_changed_is_the_only_difference_of_two_snapshots(web1: Practice) -> None:
    before = set(snapshot(web1).output.splitlines())
    web1.root("useradd -u 1234 newcomer; apt-mark hold lab-app")
    after = set(snapshot(web1).output.splitlines())
    new = {line.strip() for line in after - before if not line.startswith("msp:")}
    assert new == {"newcomer uid 1234 gid 1234 /home/newcomer /bin/sh", "lab-app 1.0-1 (on hold)"}


def test_a_snapshot_that_lacks_a_part_is_unknown_and_has_the_others(web1: Practice) -> None:
    web1.root("mv /usr/bin/ss /usr/bin/gone")
    told = snapshot(web1)
    assert (told.code, told.why) == (75, "listeners: ss is not installed (iproute2)")
    assert "packages" in measured(told)


SECRETS = (
    'password=hunter2; "api_key": "hunter2", token hunter2',
    "PASSWORD IS hunter2 and Authorization: Bearer hunter2",
    "https://shop:hunter2@db.example/x --secret hunter2",
    "mysqldump --single -phunter2 shop; curl -u shop:hunter2 http://x",
    "client_secret='hunter2 hunter2'",
)


def diagnose(host: Practice) -> Told:
    return host.run("diagnose-host", "diagnose.sh")


def test_a_diagnosis_shows_what_is_wrong_and_no_secret_of_log_argument_or_environment(web1: Practice) -> None:
    web1.break_("failed-unit")
    for text in SECRETS:
        web1.lab.inside(web1.name, ["systemd-cat", "-t", "shop", "-p", "err"], text)
    web1.root("systemd-run --quiet -u busy -E DB=hunter2 sh -c 'while :; do :; done' --pw hunter2; journalctl --sync")
    told = diagnose(web1)
    assert told.code == 0, told.output
    assert "lab-bad.service" in told.output
    assert told.output.count(" shop[") == len(SECRETS)
    assert "hunter2" not in told.output


def test_a_diagnosis_is_bounded_however_much_there_is_to_say(web1: Practice) -> None:
    web1.root(
        "for n in $(seq 300); do printf '%0900d\\n' \"$n\"; done | systemd-cat -t flood -p err; journalctl --sync"
    )
    told = diagnose(web1)
    assert len(told.output.splitlines()) < 400
    assert max(map(len, told.output.splitlines())) < 300


def test_a_diagnosis_that_lacks_a_part_is_unknown_and_has_the_others(web1: Practice) -> None:
    web1.root("mv /usr/bin/ps /usr/bin/gone")
    told = diagnose(web1)
    assert told.code == 75
    assert "ps is not installed" in told.why
    assert "--- disks" in told.output


def test_nothing_of_all_this_changes_a_file(web1: Practice) -> None:
    state = "find / -xdev -type f -newer /run/before ! -path '/var/log/*' ! -path '/run/*' ! -path '/proc/*'"
    web1.root("sleep 0.05; touch /run/before")
    for runbook, script in LOOKS:
        web1.run(runbook, script)
    assert web1.root(state) == ""


LOOKS = [
    *[("health-storage", f"{name}.sh") for name in ("raid", "disks", "zfs", "btrfs", "lvm")],
    *[("health-network", f"{name}.sh") for name in ("gateway", "links")],
    *[("health-logs", f"{name}.sh") for name in ("errors", "kernel")],
    *[("health-security", f"{name}.sh") for name in ("sshd", "firewall", "listeners", "accounts", "sudo", "path")],
    *[("user-audit", f"{name}.sh") for name in ("accounts", "keys", "admins")],
    *[("health-eol", "eol.sh"), ("inventory-snapshot", "snapshot.sh"), ("diagnose-host", "diagnose.sh")],
]
