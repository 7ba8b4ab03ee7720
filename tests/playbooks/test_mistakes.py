"""What a person got wrong is one clear error, and no host is touched."""

from dataclasses import replace
from pathlib import Path

import pytest

from msp_ops.domain.client import Credential
from msp_ops.domain.errors import FileError
from msp_ops.playbooks import setting, ways
from msp_ops.playbooks.errors import NotInstalled, PlaybookError
from msp_ops.playbooks.job import ModuleCall, Playbook
from msp_ops.playbooks.plays import Play, check_plays, mistake, read_plays
from msp_ops.playbooks.private import private_folder
from tests.playbooks.hosts import keygen

HOSTS = ("web1", "web2")
LISTING = """
playbook: /dev/shm/x/whole.yml

  play #1 (web:db): Servers, all	TAGS: [a]
    pattern: ['web:db']
    hosts (2):
      web1
      web2

  play #2 (db): db	TAGS: []
    pattern: ['db']
    hosts (0):
"""
SAID = """\
[WARNING]: Error loading plugin 'foo.bar.baz': No module named 'ansible_collections.foo'
[ERROR]: couldn't resolve module/action 'foo.bar.baz'. This often indicates a misspelling, missing collection, or
incorrect module path.
Origin: /srv/site.yml:3:7

1 - hosts: all
2   tasks:
"""


def test_the_plays_are_read_with_their_hosts():
    assert read_plays(LISTING) == (Play(name="Servers, all", hosts=HOSTS), Play(name="db", hosts=()))


@pytest.mark.parametrize(
    ("others", "right"),
    [(("web1", "db7"), "is for db7; this run is for web1, web2;"), (("localhost",), "delegate_to")],
)
def test_a_play_for_other_hosts_is_refused_by_name(others, right):
    with pytest.raises(PlaybookError, match=right):
        check_plays([Play(name="p", hosts=others)], HOSTS, "site.yml")


def test_a_playbook_for_none_of_the_hosts_is_refused():
    with pytest.raises(PlaybookError, match="none of its plays is for web1, web2"):
        check_plays([Play(name="p", hosts=())], HOSTS, "site.yml")


def test_what_ansible_finds_wrong_comes_with_file_line_and_column():
    error = mistake(SAID, HOSTS, "site.yml")
    assert isinstance(error, FileError)
    assert str(error).startswith("/srv/site.yml:3:7: couldn't resolve module/action 'foo.bar.baz'. This often")
    assert "[WARNING]" not in str(error)


def test_what_it_says_without_a_place_is_said_too():
    assert str(mistake("[ERROR]: the vault is closed\n", HOSTS, "site.yml")) == "site.yml: the vault is closed"


@pytest.mark.wire
@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (
            "- hosts: web1:db7\n  tasks: [{ping: }]\n",
            PlaybookError,
            "a play is for 'db7', which is none of this run's hosts",
        ),
        ("- hosts: localhost\n  tasks: [{ping: }]\n", PlaybookError, "is for localhost; this run is for web1;"),
        ("- hosts: all\n  tasks:\n    - name: x\n      foo.bar.baz:\n", FileError, r"site.yml:3:7: .*foo\.bar\.baz"),
    ],
)
def test_a_mistake_in_a_playbook_is_told_before_any_login(six, play, text, kind, said):
    before = six.logins("Accepted publickey")
    with pytest.raises(kind, match=said):
        play(text, [six.target(1)])
    assert six.logins("Accepted publickey") == before


def test_a_job_that_cannot_be_meant_is_refused_before_ansible_is_started(six, play, tmp_path):
    with pytest.raises(PlaybookError, match="there is no playbook"):
        play(Playbook(folder=tmp_path, file="../site.yml"), [six.target(1)])
    with pytest.raises(PlaybookError, match=r"right would be ansible\.builtin\.ping"):
        play(ModuleCall(folder=tmp_path, name="ping", arguments={}), [six.target(1)])
    with pytest.raises(PlaybookError, match="each named once"):
        play("-", [six.target(1), six.target(1)])
    with pytest.raises(PlaybookError, match=r"web1, web7: the same address and port"):
        play("-", [six.target(1), six.target(1, id="web7")])
    with pytest.raises(PlaybookError, match="ansible_host: names that begin"):
        play("-", [six.target(1)], variables={"ansible_host": "10.0.0.9"})
    with pytest.raises(PlaybookError, match="groups name hosts that the playbook does not run for: web9"):
        play("-", [six.target(1)], groups={"web": ("web9",)})


def test_a_host_without_a_pin_is_refused(six, play):
    with pytest.raises(PlaybookError, match="msp-ops hosts trust acme/web1"):
        play("-", [six.target(1, host_keys=())])


def test_a_key_with_a_passphrase_that_nobody_gave_is_told(six, play, tmp_path):
    keygen(tmp_path / "locked", "a passphrase")
    with pytest.raises(FileError, match="add `passphrase: env:NAME`"):
        play("-", [six.target(1, Credential(user="root", key="file:locked"))])


def test_a_gateway_that_takes_a_password_is_refused_where_nobody_could_tell_it(six, tmp_path):
    from msp_ops.domain.client import Gateway  # noqa: PLC0415

    target = replace(
        six.target(1),
        gateway=Gateway(address="10.0.0.1", credential="x", host_keys=(six.pin,)),
        gateway_credential=Credential(user="root", password="env:ACME_PASSWORD"),
    )
    with pytest.raises(
        PlaybookError, match=r"gateway 10\.0\.0\.1, which takes a password; no program may be started in"
    ):
        ways.write_askers([target], tmp_path, lambda _: "swordfish", lambda _: False)
    assert list(tmp_path.glob("ask*")) == []


def test_without_ansible_the_way_to_install_it_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(setting.sys, "executable", "/nowhere/python")
    with pytest.raises(NotInstalled, match=r"pip install 'msp-ops\[playbooks\]'"):
        setting.ansible_playbook()


def test_secrets_are_written_to_memory_only(tmp_path):
    with pytest.raises(PlaybookError, match="not a folder in memory"), private_folder(Path("/etc")):
        pass
