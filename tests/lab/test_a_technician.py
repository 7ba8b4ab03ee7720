"""What a technician types, on hosts that are broken in many ways: outcomes, reasons and exit codes."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab


def test_a_broken_service_is_repaired_proved_and_priced(fresh, command, lab):
    fresh("borealis-app1")
    lab.fault("borealis-app1", "service-broken")
    fix = ("run", "fix-service", "borealis/app1", "--service", "lab-web", "-t", "T-7", "--yes")
    done = command(*fix)
    assert done.returncode == 0, done.stderr
    assert "borealis/app1: ok" in done.stdout
    assert lab.inside("borealis-app1", ["systemctl", "is-active", "lab-web"]).returncode == 0

    (entry,) = json.loads(command("work", "list", "borealis", "--json").stdout)
    assert entry["record"]["ticket"] == "T-7"
    assert entry["record"]["attended"]["duration"] >= entry["record"]["machine"]["duration"] > 0
    assert [charge["amount"] for charge in entry["charges"]] == ["60.00"]

    page = command("summaries", "run", entry["record"]["run_id"])
    assert "T-7" in Path(page.stdout.strip()).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "fix-service", "acme/web1", "--service", "x", "--yes"), 2, "wants a ticket"),
        (("run", "fix-service", "acme", "--service", "x", "-t", "T-1"), 2, "acme/HOST or acme/all"),
        (("run", "fix-service", "acme/web9", "--service", "x", "-t", "T-1"), 2, "web9"),
        (("run", "fix-service", "acmee/web1", "--service", "x", "-t", "T-1"), 2, "did you mean 'acme'"),
        (("run", "fix-servise", "acme/web1"), 2, "did you mean 'fix-service'"),
        (("run", "fix-service", "acme/web1", "-t", "T-1"), 2, "service"),
        (("run", "fix-service", "acme/web1", "--service=-x", "-t", "T-1", "--yes"), 2, "service"),
        (("run", "patch-linux", "acme/web1"), 4, "--yes"),
        (("runs", "show", "zzzzz"), 2, "no run"),
        (("summaries", "month", "acme", "november"), 2, "november"),
    ],
)
def test_a_mistake_is_one_sentence_and_touches_nothing(command, words, code, said):
    done = command(*words)
    assert done.returncode == code, done.stderr
    assert said in " ".join((done.stderr + done.stdout).split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("reset", 5, "cannot be reached"),
        ("auth", 5, "was not tried again"),
        ("hostkey", 5, "another host key"),
        ("freeze", 5, "does not speak SSH"),
        ("power-off", 5, "cannot be reached"),
        ("no-sudo", 1, "sudo"),
        ("sudo-password", 1, "sudo"),
        ("noise", 0, "ok"),
        ("shell", 0, "ok"),
    ],
)
def test_a_host_that_is_in_trouble_is_never_green(fresh, command, lab, fault, code, said):
    fresh("acme-web2")
    lab.fault("acme-web2", fault)
    done = command("run", "audit-health", "acme/web2")
    lab.clear("acme-web2")
    assert said in done.stdout + done.stderr
    assert done.returncode == code, done.stdout + done.stderr


def test_a_change_without_sudo_changes_nothing_and_says_so(fresh, command, lab):
    fresh("acme-web2")
    lab.fault("acme-web2", "no-sudo")
    done = command("run", "patch-linux", "acme/web2", "--yes")
    assert done.returncode == 5
    assert "sudo" in done.stdout


def test_a_key_is_pinned_on_purpose_and_a_changed_one_only_with_a_word(fresh, command, lab, workspace):
    fresh("acme-web2")
    pins = workspace / "clients" / "acme.pins"
    pins.write_text("".join(line for line in pins.read_text().splitlines(keepends=True) if "web2" not in line))
    assert "hosts trust web2" in command("run", "audit-health", "acme/web2").stdout.replace("acme/", "")
    assert command("hosts", "trust", "acme/web2").returncode == 4, "nobody is here to say yes"
    pinned = command("hosts", "trust", "acme/web2", "--yes")
    assert pinned.returncode == 0
    assert "SHA256:" in pinned.stderr
    assert command("hosts", "check", "acme/web2").returncode == 0

    lab.fault("acme-web2", "hostkey")
    assert command("hosts", "trust", "acme/web2", "--yes").returncode == 4
    assert command("hosts", "trust", "acme/web2", "--yes", "--replace").returncode == 0
    assert command("run", "audit-health", "acme/web2").returncode == 0


def test_check_shows_plan_permit_and_preview_and_changes_nothing(fresh, command, lab):
    fresh("acme-web2")
    lab.inside("acme-web2", ["apt-get", "update", "-q"])
    seen = command("run", "patch-linux", "acme/web2", "--check", "--json")
    assert seen.returncode == 0, seen.stderr
    value = json.loads(seen.stdout)
    assert value["granted"] is True
    assert any("lab-tls" in line for line in value["previews"][0]["lines"])
    assert json.loads(command("runs", "list", "--json").stdout) == []
    version = lab.inside("acme-web2", ["dpkg-query", "-W", "-f", "${Version}", "lab-tls"]).stdout
    assert version == "3.0.1-1"


def test_events_come_as_json_lines(fresh, command):
    fresh("acme-web2")
    done = command("run", "audit-health", "acme/web2", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["RunOpened", "RunEnded"]
    assert events[-1]["value"]["run"]["hosts"][0]["outcome"] == "succeeded"
