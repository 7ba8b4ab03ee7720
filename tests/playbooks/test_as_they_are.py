"""Playbooks and modules of other people, unchanged: whatever they bring works, or is refused in one sentence."""

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.playbooks.errors import PlaybookError
from msp_ops.playbooks.job import ModuleCall, Playbook
from tests.playbooks.conftest import PUBLIC

pytestmark = pytest.mark.wire
STACK = PUBLIC / "stack"
VAULT = "vault {{ 3 + 3 }} $taple"
GROUPS = {"webservers": ("web1",), "dbservers": (), "os_Linux": ()}
HOSTILE = """{{ lookup('pipe', 'touch PLACE/hacked') }} {% raw %} {# no #} ' " $(id) `id` \\ ü"""
TALKATIVE = """\
- hosts: all
  gather_facts: no
  tasks:
    - debug: {msg: "{{ lookup('file', ansible_inventory_sources[0] | dirname + '/vault-password') }} and more"}
"""


def left_in(folder):
    """Without what lies there for every test."""
    return {path.name for path in folder.iterdir()} - {"users.cfg"}


@pytest.fixture
def stack(six, play, tmp_path, monkeypatch):
    """Plays in a subfolder, roles and collections at the top, names for hosts of its own, secrets of its own."""

    def run(file="plays/site.yml", vault="env:STACK_VAULT", password=VAULT, **more):
        monkeypatch.setenv("STACK_VAULT", password)
        what = Playbook(folder=STACK, file=file, vault_password=vault, **more)
        variables = {"place": str(tmp_path), "colour": "{{ no }}"}
        return play(what, [six.target(1)], groups=GROUPS, variables=variables)

    return run


def test_a_stack_of_plays_roles_vaults_groups_and_a_collection_runs_as_it_is(stack, tmp_path, room):
    played = stack(skip_tags=("slow",))
    assert played.outcomes() == {"web1": "succeeded"}, played.ends["web1"].reason
    assert (tmp_path / "page").read_text() == "page of web, {{ no }}, small, swordfish-of-the-file, the default\n"
    assert left_in(tmp_path) == {"page", "web", "told", "reloaded", "motd", "sorted"}
    texts = [said.text for said in played.said]
    assert {"of all swordfish-of-a-line", "good morning, web1"} <= set(texts)
    assert played.statuses("web1")["Here"] == "ok"
    assert list(room.iterdir()) == []


def test_tags_choose_what_is_done(stack, tmp_path):
    played = stack(tags=("config", "cleaning"))
    assert left_in(tmp_path) == {"web", "told", "never"}
    assert played.ends["web1"].changed == ("top : Whose it is", "Only when it is asked for", "top : told")


def test_a_collections_playbook_is_run_by_its_full_name(stack):
    played = stack("acme.base.site", vault=None, of_collection=True)
    assert played.outcomes() == {"web1": "succeeded"}, played.ends["web1"].reason
    assert "good morning, web1" in [said.text for said in played.said]


@pytest.mark.parametrize(
    ("vault", "password", "said"),
    [
        (None, "", "no vault secrets found.* the step's `vault_password` names"),
        ("env:STACK_VAULT", "another", "Decryption failed.* the step's `vault_password` names"),
        ("env:STACK_VAULT", " \n", "env:STACK_VAULT, the vault's password, is empty"),
    ],
)
def test_without_the_right_password_of_the_vault_no_host_is_reached(six, stack, vault, password, said):
    before = six.logins("Accepted publickey")
    with pytest.raises((PlaybookError, FileError), match=said):
        stack(vault=vault, password=password)
    assert six.logins("Accepted publickey") == before


def test_the_vaults_password_is_never_shown(six, play, tmp_path, monkeypatch):
    monkeypatch.setenv("STACK_VAULT", VAULT)
    (tmp_path / "site.yml").write_text(TALKATIVE)
    what = Playbook(folder=tmp_path, file="site.yml", vault_password="env:STACK_VAULT")
    played = play(what, [six.target(1)])
    assert [said.text for said in played.said if said.status == "ok"] == ["[secret] and more"]


def test_what_goes_wrong_in_the_middle_is_neither_green_nor_elsewhere(six, play, tmp_path):
    variables = {"place": str(tmp_path), "other": "127.0.9.6"}
    played = play("trouble.yml", [six.target(number) for number in (1, 2, 3)], variables=variables)
    assert played.outcomes() == {"web1": "not reached", "web2": "unknown", "web3": "succeeded"}
    assert "the link was lost in the middle of Cut it" in played.ends["web2"].reason
    assert left_in(tmp_path) == {"web3.after"}


def test_a_hostile_value_in_an_argument_is_that_text_on_the_host(six, play, tmp_path):
    hostile = HOSTILE.replace("PLACE", str(tmp_path))
    arguments = {"content": "<{{ text }}|{{other-text}}|{{ 1 + 1 }}>", "dest": f"{tmp_path}/out", "mode": "0600"}
    variables = {"text": hostile, "other_text": "{{ text }}", "ansible_host": "127.0.9.6"}
    call = ModuleCall(folder=tmp_path, name="ansible.builtin.copy", arguments=arguments)
    played = play(call, [six.target(1)], variables=variables)
    assert played.outcomes() == {"web1": "succeeded"}, played.ends["web1"].reason
    assert (tmp_path / "out").read_text() == f"<{hostile}|{{{{ text }}}}|{{{{ 1 + 1 }}}}>"
    assert not (tmp_path / "hacked").exists()


def test_a_module_of_the_runbooks_own_collection_is_found_and_an_unknown_one_is_told_before_any_login(six, play):
    call = ModuleCall(folder=STACK, name="acme.base.greet", arguments={"whom": "{{ whom }}"})
    played = play(call, [six.target(1)], variables={"whom": "{{ 1 + 1 }}"})
    assert "good morning, {{ 1 + 1 }}" in [said.text for said in played.said]
    before = six.logins("Accepted publickey")
    with pytest.raises(PlaybookError, match=r"^acme\.base\.grete: couldn't resolve module/action 'acme\.base\.grete'"):
        play(ModuleCall(folder=STACK, name="acme.base.grete", arguments={}), [six.target(1)])
    assert six.logins("Accepted publickey") == before
