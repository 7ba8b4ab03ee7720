"""Services that still execute replaced files, on real practice hosts."""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

REPLACED = (
    "file=$(echo {0}); cp $file $file.new && mv $file.new $file"  # as dpkg does it: another file under the old name
)


def restart(host: Practice, **given: str) -> Told:
    return host.run("restart-stale", "restart.sh", **given)


def verify(host: Practice, **given: str) -> Told:
    return host.run("restart-stale", "verify.sh", **given)


def replace(host: Practice, *files: str) -> None:
    for file in files:
        host.root(REPLACED.format(file))


def pid(host: Practice, unit: str) -> str:
    return host.root(f"systemctl show -p MainPID --value {unit}")


def test_a_service_is_restarted_once_and_what_is_not_stale_is_left_alone(web1: Practice) -> None:
    replace(web1, "/usr/bin/perl")
    web, cron = pid(web1, "lab-web"), pid(web1, "cron")
    assert verify(web1).why == "still uses replaced files: lab-web.service"
    assert "lab-web.service (1 processes): would be restarted" in web1.run("restart-stale", "preview.sh").output
    told = restart(web1)
    assert told.code == 0, told.output
    assert told.changed == ("lab-web.service restarted: 1 of its processes used replaced files",)
    assert (pid(web1, "lab-web") != web, pid(web1, "cron") == cron) == (True, True)
    assert verify(web1).code == 0
    again = restart(web1)
    assert (again.code, again.changed) == (0, ())


def test_what_takes_the_system_or_the_way_to_it_down_is_named_and_stays(web1: Practice) -> None:
    replace(
        web1, "/usr/bin/dbus-daemon", "/usr/lib/systemd/systemd-logind", "/usr/bin/perl", "/usr/lib/systemd/systemd"
    )
    stay = {unit: pid(web1, unit) for unit in ("dbus", "systemd-logind", "lab-web")}
    told = restart(web1, **{"except": "cron lab-web"})
    assert (told.code, told.changed) == (0, ())
    assert {unit: pid(web1, unit) for unit in stay} == stay
    found = verify(web1, **{"except": "cron lab-web"}).findings
    assert set(found) == {"dbus.service", "systemd-logind.service", "lab-web.service", "system"}
    assert found["system"].endswith("it is process 1: systemctl daemon-reexec, or a reboot")


def test_a_library_is_seen_as_well_and_sshd_restarts_only_with_a_sound_configuration(web1: Practice) -> None:
    replace(web1, "/usr/lib/*/libcrypto.so.3")
    web1.root("echo nonsense >>/etc/ssh/sshd_config")
    before = pid(web1, "ssh")
    assert restart(web1).changed == ()
    assert "its configuration is broken" in verify(web1).findings["ssh.service"]
    web1.root("sed -i '$d' /etc/ssh/sshd_config")
    assert restart(web1).changed[-1].startswith("ssh.service restarted")
    assert pid(web1, "ssh") != before
    assert verify(web1).code == 0


def test_a_service_that_does_not_start_again_is_a_failure(web1: Practice) -> None:
    replace(web1, "/usr/bin/perl")
    web1.root(
        "mkdir /etc/systemd/system/lab-web.service.d; cd /etc/systemd/system/lab-web.service.d;"
        "printf '[Service]\\nExecStartPre=/bin/false\\n' >no.conf; systemctl daemon-reload"
    )
    told = restart(web1)
    assert told.code == 1
    assert told.why == "does not start again: lab-web.service"


def test_programs_of_people_and_of_no_service_are_named(web1: Practice) -> None:
    web1.root(
        "cp /usr/bin/sleep /usr/local/bin/nap; systemd-run -q --scope --slice=user.slice /usr/local/bin/nap 600 "
        "</dev/null >/dev/null 2>&1 & systemd-run -q --scope /usr/local/bin/nap 600 </dev/null >/dev/null 2>&1 &"
        "until [ $(pgrep -c -x nap) = 2 ]; do sleep 0.05; done; rm /usr/local/bin/nap"
    )
    assert restart(web1).changed == ()
    found = verify(web1).findings
    assert found["logins"].startswith("info ")
    assert found["program:nap"].startswith("warning ")
