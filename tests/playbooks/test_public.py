"""Playbooks in the shape that people have them run as they are."""

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.playbooks.job import ModuleCall

pytestmark = pytest.mark.wire


@pytest.fixture
def web(six, play, tmp_path):
    """The usual web server playbook: roles, handlers, templates, loops, rescue, delegation, plugins beside it."""

    def run(numbers, **changes):
        targets = [six.target(number) for number in numbers]
        groups = {"web": tuple(target.host.id for target in targets), "db": ()}
        variables = {"place": str(tmp_path), "title": "{{ 7 * 7 }} {% raw %}"}
        return play("webserver/site.yml", targets, groups=groups, variables=variables, **changes)

    return run


def test_a_playbook_with_all_its_parts_runs_and_says_what_it_changed(web, tmp_path):
    played = web((1, 2))
    assert played.outcomes() == {"web1": "succeeded", "web2": "succeeded"}
    assert played.ends["web1"].changed == (
        "common : Folders",
        "common : A secret that nobody may read",
        "site : The page",
        "site : The old way",
        "site : Start it anew",
        "Tell the list",
    )
    assert (tmp_path / "web1/page").read_text() == "{{ 7 * 7 }} {% raw %} on web1 (80, 443), hello from web\n"
    assert (tmp_path / "web2/started").exists()
    assert sorted((tmp_path / "list").read_text().splitlines()) == ["web1 127.0.9.1", "web2 127.0.9.2"]
    statuses = played.statuses("web1")
    assert statuses["Look whether it is known"] == "ignored"
    assert statuses["site : The new way"] == "failed"
    texts = [said.text for said in played.said if said.host_id == "web2"]
    assert {"bew morf olleh", "greetings, web2", "marked web2", "(hidden by no_log)"} <= set(texts)
    assert "hidden-canary" not in repr(played)
    assert b"failed [site : The new way] non-zero return code" in played.ends["web1"].evidence.body


def test_a_check_changes_nothing_and_names_what_would(web, tmp_path):
    played = web((1,), check=True)
    assert not (tmp_path / "web1").exists()
    assert {"common : Folders", "site : The old way"} <= set(played.ends["web1"].changed)


def test_one_module_with_arguments_is_a_playbook_too(six, play, tmp_path):
    arguments = {"path": f"{tmp_path}/{{{{ 1 + 1 }}}}", "state": "directory", "mode": "0700"}
    played = play(ModuleCall(folder=tmp_path, name="ansible.builtin.file", arguments=arguments), [six.target(1)])
    assert played.ends["web1"].changed == ("ansible.builtin.file",)
    assert (tmp_path / "{{ 1 + 1 }}").is_dir()


def test_a_variable_is_the_text_that_was_given_and_no_truth_or_number(six, play):
    texts = {"flag": "yes", "code": "0123", "version": "1.10", "nothing": "null", "hint": "{# no comment #}"}
    that = [f"{name} == {text!r}" for name, text in texts.items() if name != "hint"] + ["hint | length == 16"]
    text = f"- hosts: all\n  gather_facts: false\n  tasks:\n    - assert: {{that: {that}}}\n"
    played = play(text, [six.target(1)], variables=texts)
    assert played.outcomes() == {"web1": "succeeded"}, played.ends["web1"].reason


def test_a_host_that_failed_breaks_off_what_comes_after_and_nobody_is_green_by_that(six, play, tmp_path):
    targets = [six.target(number) for number in (1, 2, 3)]
    played = play("rolling/site.yml", targets, variables={"place": str(tmp_path), "bad": "web2"})
    assert played.outcomes() == {"web1": "failed", "web2": "failed", "web3": "deferred"}
    assert "broken off" in played.ends["web1"].reason
    assert played.ends["web2"].reason == "Does it work?: non-zero return code"
    assert (tmp_path / "web1.mark").read_text() == "done\n"
    assert not (tmp_path / "web3.mark").exists()


def test_one_failure_that_is_fatal_for_all_leaves_nobody_green(six, play, tmp_path):
    targets = [six.target(number) for number in (1, 2)]
    played = play("rolling/fatal.yml", targets, variables={"place": str(tmp_path), "bad": "web2"})
    assert played.outcomes() == {"web1": "failed", "web2": "failed"}
    assert "broken off" in played.ends["web1"].reason


def test_hosts_that_no_play_is_for_are_named_and_no_success(six, play):
    text = (
        "- hosts: web1:web2\n  gather_facts: false\n  tasks:\n    - ping:\n      when: inventory_hostname == 'web1'\n"
    )
    played = play(text, [six.target(number) for number in (1, 2, 3)])
    assert played.outcomes() == {"web1": "succeeded", "web2": "skipped", "web3": "skipped"}
    assert [end.is_good for end in played.ends.values()] == [True, False, False]
    assert "no play is for this host" in played.ends["web3"].reason
    assert "every task was skipped" in played.ends["web2"].reason
    assert played.ends["web1"].outcome is Outcome.SUCCEEDED
