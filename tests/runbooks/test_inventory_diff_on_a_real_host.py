"""What came, went and changed on a real practice host since its inventory was accepted."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.practice import KEPT, Practice, Told

pytestmark = pytest.mark.lab

ACCEPTED = "/var/lib/msp-ops/inventory/accepted"


def look(host: Practice, **given: str) -> Told:
    return host.run("inventory-diff", "changed.sh", **given)


def accept(host: Practice, file: str = "accept.sh") -> Told:
    return host.run("inventory-accept", file)


@pytest.fixture(scope="module")
def host(lab: Lab) -> Practice:
    """web1, accepted as it came."""
    lab.reset("acme-web1")
    return Practice(lab=lab, name="acme-web1")


def test_an_inventory_is_accepted_once_and_looking_changes_nothing(host: Practice) -> None:
    none = look(host)
    assert (none.code, none.findings) == (75, {})
    assert "no inventory was accepted" in none.why
    looked = accept(host, "preview.sh")
    assert (looked.code, looked.changed, host.ends(f"test -e {ACCEPTED}")) == (0, (), 1)
    first = accept(host)
    assert (first.code, len(first.changed)) == (0, 1), first.output
    assert accept(host, "verify.sh").code == 0
    again = accept(host)
    assert (again.code, again.changed) == (0, ()), again.output
    before = host.root(f"sha256sum {ACCEPTED}; ls -A /run /var/lib/msp-ops")
    told = look(host)
    assert (told.code, told.findings) == (0, {}), told.output
    assert host.root(f"sha256sum {ACCEPTED}; ls -A /run /var/lib/msp-ops") == before


def test_what_came_went_and_changed_is_named_and_bounded(host: Practice) -> None:
    break_host(host)
    told = look(host)
    assert told.code == 0
    assert told.findings["user:mallory"].startswith("warning came: uid 0 ")
    assert told.findings["group:adm"] == "warning came: mallory,eve"
    assert told.findings["listener:tcp:127.0.0.1:4444"].startswith("warning came: ")
    assert told.findings["service:cron.service"] == "warning went: was enabled"
    assert not any("forged" in each for each in told.changed)
    assert {subject.partition(":")[0] for subject in told.findings} == {"user", "group", "listener", "service"}
    fewer = look(host, most="1")
    assert "users:more" in fewer.findings
    assert sum(subject.startswith("user:") for subject in fewer.findings) == 1


def test_what_is_accepted_is_told_no_more_until_that_is_taken_back(host: Practice) -> None:
    host.root(f"rm -rf {KEPT}")  # another run
    assert len(accept(host).changed) == 1
    assert look(host).findings == {}
    undone = accept(host, "undo.sh")
    assert (undone.code, len(undone.changed)) == (0, 1)
    assert (accept(host, "undo.sh").code, accept(host, "undo.sh").changed) == (0, ())
    assert "user:mallory" in look(host).findings


def test_a_list_that_cannot_be_had_is_not_an_empty_one(host: Practice) -> None:
    host.root("mv /usr/bin/ss /usr/bin/ss.away")
    blind = look(host)
    host.root("mv /usr/bin/ss.away /usr/bin/ss")
    assert (blind.code, blind.findings) == (75, {})
    assert "ss is not installed" in blind.why


def break_host(host: Practice) -> None:
    host.root("printf 'mallory:x:0:0:x:/root:\\rmsp: changed x forged/bin/sh\\n' >>/etc/passwd")
    host.root("echo 'eve:x:1999:1999::/:/bin/sh' >>/etc/passwd")
    host.root("sed -i 's/^adm:.*/adm:x:4:mallory,eve/' /etc/group; systemctl disable -q cron.service")
    host.root("systemd-run -q --unit=listens --socket-property=ListenStream=127.0.0.1:4444 /bin/true")
