"""Break/fix of services on real practice hosts."""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab


def fix(host: Practice, service: str = "lab-web") -> Told:
    return host.run("fix-service", "fix.sh", service=service)


def verify(host: Practice, service: str = "lab-web", steady: str = "2s", **given: str) -> Told:
    return host.run("fix-service", "verify.sh", service=service, steady=steady, **given)


def unit(host: Practice, name: str, text: str) -> None:
    host.root(f"printf '%b' '{text}' >/etc/systemd/system/{name}.service; systemctl daemon-reload")


def test_a_stopped_service_is_brought_back_with_evidence_and_proof(web1: Practice) -> None:
    web1.break_("service-down", "lab-web")
    told = fix(web1)
    assert told.code == 0, told.output
    assert told.changed == ("lab-web restarted: inactive (dead) -> active (running)",)
    assert "--- lab-web before" in told.output
    assert verify(web1, port="8080").code == 0
    assert web1.found("service", {"service": "lab-web"}) == {}


def test_the_lock_of_a_dead_process_is_removed_and_said(web1: Practice) -> None:
    web1.break_("service-broken")
    told = fix(web1)
    assert told.code == 0, told.output
    assert any("lab-web.lock removed" in change for change in told.changed)
    assert verify(web1, port="8080").code == 0


def test_the_lock_of_a_living_process_is_left_alone(web1: Practice) -> None:
    web1.root("systemctl stop lab-web; echo 1 >/run/lab-web/lab-web.lock")
    assert fix(web1).code == 1
    assert web1.root("cat /run/lab-web/lab-web.lock") == "1"


def test_a_service_that_cannot_start_is_a_failure_in_its_own_words(web1: Practice) -> None:
    unit(web1, "bad", '[Service]\\nExecStart=/bin/sh -c "sleep 0.3; echo no database; exit 3"\\n')
    told = fix(web1, "bad")
    assert told.code == 1, told.output
    assert "exit status 3" in told.why
    assert "no database" in told.why


def test_a_service_that_starts_again_and_again_is_not_called_fixed(web1: Practice) -> None:
    unit(web1, "flap", "[Service]\\nExecStart=/bin/sleep 3\\nRestart=always\\n")
    fix(web1, "flap")
    assert verify(web1, "flap", steady="8s").code == 1


def test_a_service_that_gave_up_after_too_many_starts_is_started(web1: Practice) -> None:
    unit(
        web1,
        "tired",
        "[Unit]\\nStartLimitIntervalSec=1h\\nStartLimitBurst=2\\n[Service]\\nExecStart=/bin/sleep infinity\\n",
    )
    web1.root("for n in 1 2 3; do systemctl restart tired || true; done; systemctl stop tired")
    assert web1.ends("systemctl start tired") != 0
    assert fix(web1, "tired").code == 0


def test_a_port_that_does_not_answer_is_a_failure(web1: Practice) -> None:
    told = verify(web1, steady="1s", port="81")
    assert (told.code, told.why) == (1, "nothing listens on port 81")


def test_a_running_server_with_a_broken_configuration_is_left_alone(web1: Practice) -> None:
    web1.root("echo nonsense >>/etc/ssh/sshd_config")
    before = web1.root("systemctl show -p MainPID ssh")
    told = fix(web1, "ssh")
    assert told.code == 75, told.output
    assert "configuration of ssh is broken" in told.why
    assert web1.root("systemctl show -p MainPID ssh") == before


@pytest.mark.parametrize(
    ("service", "why"),
    [
        ("nope", "no service nope"),
        ("dbus", "part of the system"),
        ("systemd-journald", "part of the system"),
        ("dbus-org.freedesktop.login1", "systemd-logind.service is part of the system"),
    ],
)
def test_what_is_no_service_of_the_host_is_refused(web1: Practice, service: str, why: str) -> None:
    told = fix(web1, service)
    assert (told.code, told.changed) == (1, ())
    assert why in told.why


def test_a_masked_service_stays_masked(web1: Practice) -> None:
    web1.root("systemctl stop cron; systemctl mask cron")
    assert "masked" in fix(web1, "cron").why
