"""What a runbook may say of Ansible, and what is told as file, line and column before any host is touched."""

from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.domain.filling import filled
from msp_ops.domain.step import ModuleStep, PlaybookStep
from msp_ops.engine.play import order_of
from msp_ops.files.runbook_file import load_runbook
from msp_ops.playbooks.job import ModuleCall
from tests.engine.parts import job, runbook

RUNBOOK = """\
title: Set a line
activity: break/fix
impact: changes
parameters:
  only-line: {kind: text, title: The line}
  standby: {kind: host, title: The other one}
steps:
  - module: ansible.builtin.lineinfile
    arguments: {path: /etc/motd, line: "{{ only-line }} for {{standby_address}}", create: yes}
    run_as: login
  - playbook: site.yml
    groups: {web_servers: web, db: [], monitored: [all, berlin]}
    tags: [packages]
    skip_tags: [slow]
verify:
  - {script: verify.sh}
client_sentence: Set a line.
"""
VAULT = "$ANSIBLE_VAULT;1.1;AES256\n6162\n"
COLLECTION = "collections/ansible_collections/acme/base"


@pytest.fixture
def book(tmp_path):
    """A runbook's folder; a second text takes the place of the first."""

    def write(old: str = "", new: str = "", playbook: str = "- hosts: all\n", **files: str) -> Path:
        folder = tmp_path / "set-a-line"
        written = {"runbook.yaml": RUNBOOK.replace(old, new), "site.yml": playbook, "verify.sh": "#!/bin/sh\n", **files}
        for name, text in written.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    return write


def test_a_module_and_a_playbook_are_steps(book):
    module, playbook = load_runbook(book()).steps
    assert isinstance(module, ModuleStep)
    assert (module.name, module.run_as, module.arguments["create"]) == ("lineinfile", "login", "yes")
    assert isinstance(playbook, PlaybookStep)
    assert playbook.groups == {"web_servers": ("web",), "db": (), "monitored": ("all", "berlin")}
    assert (playbook.tags, playbook.skip_tags, playbook.of_collection) == (("packages",), ("slow",), False)


MODULE = "module: ansible.builtin.lineinfile"
PROOF = "- {script: verify.sh}"
LOOKS = "- {module: ansible.builtin.lineinfile, arguments: {path: /etc/motd}}"


def test_a_module_in_verify_only_looks(book):
    loaded = load_runbook(book(PROOF, LOOKS))
    assert [(step.changes, step.name) for step in loaded.verify] == [(False, "lineinfile")]
    assert [step.changes for step in loaded.steps[:1]] == [True]


def test_a_module_that_would_change_something_does_not_belong_into_verify(book):
    with pytest.raises(FileError, match="verify only looks; a module that changes belongs into steps"):
        load_runbook(book(PROOF, LOOKS.replace("}}", "}, changes: yes}")))


def test_a_runbook_that_only_looks_may_ask_modules(book):
    steps = RUNBOOK[RUNBOOK.index("steps:") : RUNBOOK.index("client_sentence")]
    folder = book(steps, f"steps:\n  {LOOKS}\n")
    text = (folder / "runbook.yaml").read_text().replace("impact: changes", "impact: read-only")
    (folder / "runbook.yaml").write_text(text)
    assert [step.changes for step in load_runbook(folder).steps] == [False]
    (folder / "runbook.yaml").write_text(text.replace("}}", "}, changes: yes}"))
    with pytest.raises(FileError, match="a module may change a host, the runbook's impact is read-only"):
        load_runbook(folder)


def test_steps_that_only_look_are_no_change(book):
    steps = RUNBOOK[RUNBOOK.index("steps:") : RUNBOOK.index("verify:")]
    with pytest.raises(FileError, match="impact is changes but no step changes anything"):
        load_runbook(book(steps, f"steps:\n  {LOOKS.replace('}}', '}, changes: no}')}\n"))


LINE = '"{{ only-line }} for {{standby_address}}"'


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        (MODULE, "module: lineinfile", "8:13", "not the full name of a module; right would be ansible.builtin.linein"),
        (MODULE, "module: ansible.builtin.lineinfle", "8:13", "no module ansible.builtin.lineinfle; did"),
        (MODULE, "module: ansible.builtin.include_role", "8:13", "write a playbook for that"),
        (MODULE, "module: nobody.knows.it", "8:13", "collection nobody.knows is not installed here; do: ansible"),
        (LINE, '"{{ onlyline }}"', "9:40", "there is no parameter 'onlyline'; .*did you mean 'only_line'"),
        (LINE, "\"{{ lookup('pipe', 'id') }}\"", "9:40", "an argument is no template"),
        (LINE, '["{% if only_line %}"]', "9:41", "an argument is no template"),
        ("impact: changes", "impact: read-only", "11:15", "a playbook may change a host"),
        ("web_servers:", "all:", "12:14", "'all' cannot be the name of a group"),
        ("[packages]", "[--become]", "13:12", "'--become' is not a tag"),
        ("playbook: site.yml", "playbook: nobody.knows.site", "11:15", "collection nobody.knows is not installed here"),
        ("tags: [packages]", "vault_password: swordfish", "13:21", "secrets are not kept in files"),
    ],
)
def test_what_cannot_be_run_is_told_at_its_place(book, old, new, place, said):
    with pytest.raises(FileError, match=rf"runbook\.yaml:{place}: .*{said}"):
        load_runbook(book(old, new))


def test_a_collection_in_the_runbooks_folder_counts_as_installed(book):
    files = {
        f"{COLLECTION}/plugins/modules/mark.py": "",
        f"{COLLECTION}/plugins/modules/net/ping.py": "",
        f"{COLLECTION}/meta/runtime.yml": "plugin_routing:\n  modules:\n    moved:\n      redirect: a.b.c\n",
        f"{COLLECTION}/playbooks/site.yml": "",
    }
    for name in ("mark", "net.ping", "moved"):
        folder = book(MODULE, f"module: acme.base.{name}", **files)
        assert load_runbook(folder).steps[0].name == name.rpartition(".")[2]
    with pytest.raises(FileError, match=r"has no module marc; did you mean .mark..*it has: mark, net\.ping"):
        load_runbook(book(MODULE, "module: acme.base.marc", **files))
    assert load_runbook(book("playbook: site.yml", "playbook: acme.base.site", **files)).steps[1].name == "site"
    with pytest.raises(FileError, match=r"collection acme\.base has no playbook sit"):
        load_runbook(book("playbook: site.yml", "playbook: acme.base.sit", **files))


def test_a_question_of_a_playbook_needs_a_default_or_a_parameter(book):
    asks = "- hosts: all\n  vars_prompt:\n    - {name: only_line}\n    - {name: a, default: b}\n    - name: secret\n"
    load_runbook(book(playbook=asks.replace("    - name: secret\n", "")))
    whom = r"runbook\.yaml:11:15: site\.yml:5:7: it asks for 'secret', and nobody is there to answer; make secret a par"
    with pytest.raises(FileError, match=whom):
        load_runbook(book(playbook=asks))
    importing = {"playbook": "- import_playbook: parts/ask.yml\n", "parts/ask.yml": asks}
    with pytest.raises(FileError, match=r"parts/ask\.yml:5:7: it asks for 'secret'"):
        load_runbook(book(**importing))


def test_what_is_encrypted_needs_a_password(book):
    inline = "- hosts: all\n  vars:\n    key: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6162\n"
    for files in ({"group_vars/all.yml": VAULT}, {"playbook": inline}):
        with pytest.raises(FileError, match=r"is encrypted by ansible-vault, .* add vault_password: env:NAME"):
            load_runbook(book(**files))
        loaded = load_runbook(book("tags: [packages]", "vault_password: env:ACME_VAULT", **files))
        assert loaded.steps[1].vault_password == "env:ACME_VAULT"
        book(**{"group_vars/all.yml": ""})


def test_a_playbook_that_is_no_yaml_says_where(book):
    with pytest.raises(FileError, match=r"runbook\.yaml:11:15: .*site\.yml:2:\d+: "):
        load_runbook(book(playbook="- hosts: [all\n  tasks: []\n"))


def test_a_value_is_never_a_place_for_another_and_nothing_else_is_filled():
    values = {"a_b": "{{ c }}", "c": "{{ lookup('pipe','id') }}"}
    arguments = {"x": ["{{ a-b }} {{c}}", {"{{ c }}": "{{ c }}"}], "y": "{{ 1 + 1 }} {{ unknown }}"}
    assert filled(arguments, values) == {
        "x": ["{{ c }} {{ lookup('pipe','id') }}", {"{{ c }}": "{{ lookup('pipe','id') }}"}],
        "y": "{{ 1 + 1 }} {{ unknown }}",
    }


def test_the_playbooks_own_names_are_hosts_of_ours_and_win_over_roles():
    groups = {"webservers": ("web", "praxis"), "db": ("db",), "everybody": ("all",), "praxis": ()}
    step = PlaybookStep(kind="playbook", name="site", file="site.yml", groups=groups)
    found = order_of(step, job(runbook(steps=(step,)))).groups
    assert found == {"webservers": ("a",), "db": (), "everybody": ("a",), "praxis": ()}


def test_a_module_is_called_as_root_unless_it_says_otherwise():
    step = ModuleStep(kind="module", name="m", module="a.b.c", arguments={"x": ["{{ y }}"]})
    order = order_of(step, job(runbook(steps=(step,), folder="/books/x")), check=True)
    assert order.what == ModuleCall(folder=Path("/books/x"), name="a.b.c", arguments={"x": ["{{ y }}"]})
    assert order.check
