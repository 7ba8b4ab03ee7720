"""Who is reached, with what, and what is said of those who are not."""

import os
import subprocess
from dataclasses import replace

import pytest

from msp_ops.domain.client import Credential, Gateway
from tests.playbooks.conftest import gather
from tests.playbooks.hosts import has_passwords, keygen
from tests.playbooks.test_secrets import Watcher

pytestmark = pytest.mark.wire
MARK = """\
- hosts: all
  gather_facts: false
  vars:
    ansible_ssh_common_args: -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
    ansible_ssh_extra_args: -o StrictHostKeyChecking=no
    ansible_host_key_checking: false
  tasks:
    - name: Mark
      command: touch {{ place }}/{{ inventory_hostname }}
"""


def test_only_pinned_hosts_are_reached_and_each_other_says_why(six, play, tmp_path, monkeypatch):
    """The playbook does all it can to switch the pins off; a wrong password is tried once."""
    monkeypatch.setenv("WRONG_PASSWORD", "not-the-password")
    refused = six.logins("Failed password")
    other = " ".join(keygen(tmp_path / "other").with_suffix(".pub").read_text().split()[:2])
    stranger = Credential(user="root", key=f"file:{keygen(tmp_path / 'stranger')}")
    by_password = Credential(user="root", password="env:ACME_PASSWORD")
    targets = [
        six.target(1),
        six.target(2, host_keys=(other,)),
        six.target(3, stranger),
        six.target(4, port=1),
        six.target(5, by_password, host_keys=(other,)),
        six.target(6, Credential(user="root", password="env:WRONG_PASSWORD")),
    ]
    played = play(MARK, targets)
    assert played.outcomes() == {
        "web1": "succeeded",
        **dict.fromkeys(("web2", "web3", "web4", "web5", "web6"), "not reached"),
    }
    reasons = {host_id: end.reason for host_id, end in played.ends.items()}
    assert reasons["web2"] == "it shows another host key than the pinned one; nothing was sent"
    assert "Permission denied" in reasons["web3"]
    assert "Connection refused" in reasons["web4"]
    assert reasons["web5"] == reasons["web2"]
    assert six.logins("Failed password") == refused + 1
    assert [path.name for path in sorted(tmp_path.glob("web*"))] == ["web1"]


def test_a_locked_key_an_agent_and_a_gateway_lead_to_the_host(six, play, tmp_path, monkeypatch):
    locked = keygen(tmp_path / "locked", "open {{ sesame }}")
    with (six.folder / "login.pub").open("a") as keys:
        keys.write(locked.with_suffix(".pub").read_text())
    monkeypatch.setenv("ACME_PASSPHRASE", "open {{ sesame }}")
    by_locked_key = Credential(user="root", key="file:locked", passphrase="env:ACME_PASSPHRASE")
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    while not socket.exists():
        assert agent.poll() is None
    subprocess.run(
        ["ssh-add", "-q", six.folder / "login"], env={**os.environ, "SSH_AUTH_SOCK": str(socket)}, check=True
    )
    gateway = Gateway(address="127.0.9.3", port=six.port, credential="x", host_keys=(six.pin,))
    behind = replace(six.target(3, by_locked_key), gateway=gateway, gateway_credential=six.key)
    # a direct way is open to both, so an answer from web4 would be one that went around its gateway
    other = replace(gateway, address="127.0.9.2", host_keys=(six.pin[:-2] + "AA",))
    lost = replace(six.target(4), gateway=other, gateway_credential=six.key)
    targets = [six.target(1, by_locked_key), six.target(2, Credential(user="root", agent=True)), behind, lost]
    try:
        played = play(MARK.replace("-o UserKnownHostsFile=/dev/null", ""), targets, agent_socket=str(socket))
    finally:
        agent.terminate()
        agent.wait(5)
    assert played.outcomes() == {"web1": "succeeded", "web2": "succeeded", "web3": "succeeded", "web4": "not reached"}


@pytest.mark.skipif(not has_passwords(), reason="only root may give sshd a password")
def test_a_gateway_is_passed_by_password_which_nobody_sees_and_a_wrong_one_is_tried_once(
    six, begin, tmp_path, monkeypatch, room
):
    monkeypatch.setenv("WRONG_PASSWORD", "not-the-password")
    refused, accepted = six.logins("Failed password"), six.logins("Accepted password")
    gateway = Gateway(address="127.0.9.3", port=six.port, credential="x", host_keys=(six.pin,))
    by_password, by_wrong = (Credential(user="root", password=f"env:{name}_PASSWORD") for name in ("ACME", "WRONG"))
    shut = replace(gateway, address="127.0.9.4")
    targets = [
        replace(six.target(1), gateway=gateway, gateway_credential=by_password),
        replace(six.target(2), gateway=shut, gateway_credential=by_wrong),
    ]
    with Watcher(room) as watcher:
        played = gather(begin(MARK.replace("-o UserKnownHostsFile=/dev/null", ""), targets))
    assert played.outcomes() == {"web1": "succeeded", "web2": "not reached"}, played.ends
    assert (six.logins("Failed password"), six.logins("Accepted password")) == (refused + 1, accepted + 1)
    assert [path.name for path in tmp_path.glob("web*")] == ["web1"]
    assert watcher.told == set()
    assert [(name.rpartition(".")[2], mode) for name, mode in watcher.files.items()] == [("word", 0o600)]
    assert list(room.iterdir()) == []
