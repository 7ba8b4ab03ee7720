"""Whole imports with the real programs: what is written loads, the same again is nothing new, no file runs anything."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError, PlanError
from msp_ops.files.workspace import load_workspace
from msp_ops.journeys.import_clients import Order, carry_out, plan_import
from msp_ops.journeys.import_programs import Limits
from msp_ops.journeys.import_sources import guess_kind, take

CANARY = "hunter2-in-clear"
VAULT = "$ANSIBLE_VAULT;1.1;AES256\n6231343539\n"
INLINE_VAULT = "!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6231343539\n"
ACME = Order(client="acme", by_group={}, zone="Europe/Berlin", currency="EUR")

INVENTORIES = {
    "ranges and children": {
        "hosts.ini": f"""\
; the old way
bastion ansible_host=203.0.113.1 ansible_user=root

[web]
web[01:03].acme.example
web[a:b] ansible_port=2222

[db]
db1 ansible_host=10.0.0.21 ansible_password={CANARY}
10.0.0.22:2200
2001:db8::5

[prod:children]
web
db

[prod:vars]
ansible_user=deploy
ansible_ssh_private_key_file=~/.ssh/deploy

[local]
localhost ansible_connection=local
"""
    },
    "a tree in yaml": {
        "hosts.yml": """\
all:
  vars: {ansible_user: ops, ansible_ssh_common_args: "-J jump@203.0.113.1"}
  children:
    web_servers:
      hosts:
        web1: {ansible_host: 10.0.0.11}
        web2: &two {ansible_host: 10.0.0.12, http_port: 80}
        web3: {<<: *two, ansible_host: 10.0.0.13}
    windows:
      hosts: {dc1: {ansible_host: 10.0.0.31}}
      vars: {ansible_connection: winrm, ansible_winrm_server_cert_validation: ignore}
"""
    },
    "variables beside it": {
        "hosts": "[web]\nweb1\nweb2\n",
        "group_vars/all/main.yml": f"ansible_user: ops\nansible_become_password: {INLINE_VAULT}db_password: {CANARY}\n",
        "group_vars/all/vault.yml": VAULT,
        "group_vars/web.yml": 'ansible_host: "{{ inventory_hostname }}.acme.example"\n',
        "host_vars/web2.yml": "ansible_port: 2222\n",
    },
    "a folder of several": {
        "production/01-static.ini": "[web]\nweb1 ansible_host=10.0.0.1\n",
        "production/02-more.yml": "db: {hosts: {db1: {ansible_host: 10.0.0.2}}}\n",
        "production/group_vars/all.yml": "ansible_user: ops\n",
    },
    "ini that is called yaml": {"inventory.yml": "# mine\n[web]\nweb1 ansible_host=10.0.0.1\n"},
    "toml": {"hosts.toml": "[web.hosts]\nweb1 = { ansible_host = '10.0.0.1', ansible_port = 2222 }\n"},
    "an answer of ansible": {
        "inventory.json": json.dumps(
            {"_meta": {"hostvars": {"web1": {"ansible_host": "10.0.0.1"}}}, "web": {"hosts": ["web1"]}}
        )
    },
    "ssh_config": {
        "config": """\
Include conf.d/*.conf
Host bastion
  HostName 203.0.113.1
  User root
  Port 2222
Host web1 web2
  HostName %h.acme.example
  ProxyJump bastion
Match exec "touch MARK"
  User evil
Host github.com
  User git
Host *
  User ops
  UseKeychain yes
  IdentityFile ~/.ssh/id_ed25519
  CanonicalizeHostname always
""",
        "conf.d/db.conf": "Host db1\n  HostName 10.0.0.21\n  StrictHostKeyChecking no\n",
    },
    "csv": {
        "hosts.csv": "Name;IP;Site;Root password;Roles\nweb1;10.0.0.1;HQ;" + CANARY + ";web\ndb1;10.0.0.2;HQ;;db\n"
    },
}
IDS = {
    "ranges and children": (
        "bastion db1 10-0-0-22 2001-db8-5 web01-acme-example web02-acme-example web03-acme-example weba webb"
    ),
    "a tree in yaml": "dc1 web1 web2 web3",
    "variables beside it": "web1 web2",
    "a folder of several": "db1 web1",
    "ini that is called yaml": "web1",
    "toml": "web1",
    "an answer of ansible": "web1",
    "ssh_config": "bastion db1 web1 web2",
    "csv": "db1 web1",
}


@pytest.fixture
def workspace(tmp_path):
    root = tmp_path / "workspace"
    (root / "clients").mkdir(parents=True)
    (root / "msp.yaml").write_text("name: Northwind IT\ncontact: help@northwind.example\n")
    return lambda: load_workspace(root, library=[])


def laid_out(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "there" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("MARK", str(folder / "ran")))
    first = next(iter(files))
    return folder / "there" / (first.partition("/")[0] if "/" in first else first)


def planned(workspace, path, order=ACME, kind=None):
    taken = take(path, kind)
    return plan_import(workspace, taken.found, taken.tops, order)


@pytest.mark.parametrize("name", INVENTORIES)
def test_what_is_written_loads_and_the_same_again_is_nothing_new(name, workspace, tmp_path):
    path = laid_out(tmp_path, INVENTORIES[name])
    plan = planned(workspace(), path)
    assert not plan.leaves_out, plan.remarks
    (written,) = carry_out(plan)
    loaded = workspace()
    loaded.check()
    assert sorted(host.id for host in loaded.client("acme").hosts()) == sorted(IDS[name].split())
    again = planned(workspace(), path, Order(client="acme", by_group={}))
    assert again.is_nothing
    assert not again.leaves_out
    assert carry_out(again) == ()
    assert CANARY not in written.read_text() + repr(plan) + repr(again)
    assert not (tmp_path / "ran").exists()


def test_what_ansible_knows_arrives(workspace, tmp_path):
    plan = planned(workspace(), laid_out(tmp_path, INVENTORIES["variables beside it"]))
    carry_out(plan)
    client = workspace().client("acme")
    assert [(host.address, host.port, host.roles) for host in client.hosts()] == [
        ("web1.acme.example", 22, ("web",)),
        ("web2.acme.example", 2222, ("web",)),
    ]
    assert client.credentials["default"].sudo_password == "env:ACME_DEFAULT_SUDO"
    vault = next(one for one in plan.remarks if "encrypted with ansible-vault" in one.why)
    assert vault.where == (str(tmp_path / "there/group_vars/all/vault.yml"),)
    become = next(one for one in plan.remarks if one.what == "ansible_become_password")
    assert become.where == (str(tmp_path / "there/group_vars/all/main.yml") + ":2",)


def test_what_ssh_knows_arrives(workspace, tmp_path):
    carry_out(planned(workspace(), laid_out(tmp_path, INVENTORIES["ssh_config"])))
    client = workspace().client("acme")
    main, behind = client.sites
    assert [(host.id, host.address, host.port) for host in main.hosts] == [
        ("db1", "10.0.0.21", 22),
        ("bastion", "203.0.113.1", 2222),
    ]
    assert [host.address for host in behind.hosts] == ["web1.acme.example", "web2.acme.example"]
    assert behind.gateway is not None
    assert (behind.gateway.address, behind.gateway.port) == ("203.0.113.1", 2222)
    assert client.credentials["default"].user == "ops"


TWO = "[acme:children]\nacme_web\n[acme_web]\na1 ansible_host=10.0.0.1\n[cobalt]\nc1 ansible_host=10.0.0.1\n[x]\nx1\n"


def test_each_group_is_a_client_or_some_are(workspace, tmp_path):
    path = laid_out(tmp_path, {"hosts.ini": TWO})
    each = Order(by_group={}, each_group=True, zone="Europe/Berlin", currency="EUR")
    plan = planned(workspace(), path, each)
    assert [change.client for change in plan.changes] == ["acme", "cobalt", "x"]
    some = Order(by_group={"acme_web": "dental"}, client="rest", zone="Europe/Berlin", currency="EUR")
    carry_out(planned(workspace(), path, some))
    clients = workspace().clients
    assert {name: [host.id for host in client.hosts()] for name, client in clients.items()} == {
        "dental": ["a1"],
        "rest": ["c1", "x1"],
    }
    assert [host.roles for host in clients["dental"].hosts()] == [("acme",)]


def test_one_name_is_not_given_to_several_clients(workspace, tmp_path):
    order = Order(by_group={}, each_group=True, name="Acme", zone="Europe/Berlin", currency="EUR")
    with pytest.raises(PlanError, match="one name for several new clients: acme, cobalt, x"):
        planned(workspace(), laid_out(tmp_path, {"hosts.ini": TWO}), order)


def test_a_host_of_two_clients_or_of_none_is_left_out(workspace, tmp_path):
    path = laid_out(tmp_path, {"hosts.ini": "[a]\nh1\nh2\n[b]\nh1\nh3\n[c]\nh4\n"})
    order = Order(by_group={"a": "one", "b": "two"}, zone="Europe/Berlin", currency="EUR")
    plan = planned(workspace(), path, order)
    assert [one.hosts for one in plan.remarks if one.verdict == "left out"] == [("h1",), ("h4",)]
    assert plan.leaves_out


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (Order(by_group={}), "nothing says whose hosts these are"),
        (Order(by_group={}, client="acme"), "add --zone and --currency"),
        (Order(by_group={}, client="Acme Dental"), "--client: 'Acme Dental' is not an id"),
        (Order(by_group={"nobody": "acme"}), "--by-group: no host is in the group nobody"),
        (Order(by_group={}, client="acme", zone="Mars/North", currency="EUR"), "there is no time zone"),
        (replace(ACME, site="Head Quarters"), "--site: 'Head Quarters' is not an id"),
    ],
)
def test_what_was_not_said_is_one_clear_sentence(order, said, workspace, tmp_path):
    with pytest.raises(PlanError, match=said):
        planned(workspace(), laid_out(tmp_path, {"hosts.ini": "[web]\nweb1\n"}), order)


def test_a_file_that_was_changed_meanwhile_is_left_alone(workspace, tmp_path):
    path = laid_out(tmp_path, {"hosts.ini": "web1\n"})
    (written,) = carry_out(planned(workspace(), path))
    path.write_text("web2\n")
    plan = planned(workspace(), path)
    written.write_text(written.read_text() + "# mine\n")
    with pytest.raises(FileError, match="was changed meanwhile"):
        carry_out(plan)
    assert written.read_text().endswith("# mine\n")


def test_a_new_clients_file_that_appeared_meanwhile_is_not_overwritten(workspace, tmp_path):
    plan = planned(workspace(), laid_out(tmp_path, {"hosts.ini": "web1\n"}))
    plan.changes[0].path.write_text("mine")
    with pytest.raises(FileError, match="is not overwritten"):
        carry_out(plan)


def test_a_client_whose_file_is_spoilt_is_told_and_not_touched(workspace, tmp_path):
    spoilt = workspace().root / "clients" / "acme.yaml"
    spoilt.write_text("name: [\n")
    with pytest.raises(FileError, match=r"acme\.yaml:"):
        planned(workspace(), laid_out(tmp_path, {"hosts.ini": "web1\n"}))


HOSTILE = {
    "a range without end": ("hosts.ini", "web[1:99999999].acme.example\n", "within"),
    "aliases that unfold": (
        "hosts.yml",
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "all: {hosts: {h: {v: *i}}}\n",
        "within",
    ),
    "a word that is no setting": ("hosts.ini", f"web1 {CANARY}\n", "hosts.ini:1"),
    "a password over two words": ("hosts.ini", f"web1 ansible_password=a {CANARY}\n", "hosts.ini:1"),
    "yaml that is none": ("hosts.yml", f"all: [\npassword: {CANARY}", "hosts.yml"),
    "a plugin of a cloud": ("aws_ec2.yml", "plugin: amazon.aws.aws_ec2\n", "inventory.json"),
    "a plugin that works templates out": (
        "hosts.yml",
        "plugin: ansible.builtin.generator\nhosts: {name: \"{{ lookup('pipe', 'touch MARK') }}x\"}\nlayers: {a: [b]}\n",
        "inventory.json",
    ),
    "a program": ("hosts", "#!/bin/sh\ntouch MARK\n", "is a program and is not run"),
    "an encrypted inventory": ("hosts.yml", VAULT, "encrypted with ansible-vault"),
    "no UTF-8": ("hosts.ini", b"web1\nweb\xff2\n", r"hosts\.ini:2:4: byte 0xff is not UTF-8"),
    "100 MB": ("hosts.ini", b"web1 # x\n" * 12_000_000, "larger than 8 MiB"),
    "json without end": ("hosts.json", b'{"_meta":' + b"[" * 200_000, "hosts.json"),
    "a setting of ssh that is none": ("config", "Host a\n\n  Port abc\n", r"config:3: ssh does not understand"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_one_error_that_shows_no_secret_and_runs_nothing(name, tmp_path):
    file, content, said = HOSTILE[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.replace("MARK", str(tmp_path / "ran")).encode())
    path.chmod(0o755)
    with pytest.raises(FileError, match=said) as caught:
        take(path, None, Limits(seconds=3))
    assert CANARY not in str(caught.value)
    assert "msp-ops-" not in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_a_configuration_of_ansible_beside_the_inventory_has_no_effect(tmp_path):
    mark = tmp_path / "ran"
    plugins = tmp_path / "inventory_plugins"
    plugins.mkdir()
    (plugins / "evil.py").write_text(f"open({str(mark)!r}, 'w')\n")
    (tmp_path / "vars_plugins").mkdir()
    (tmp_path / "vars_plugins" / "host_group_vars.py").write_text(f"open({str(mark)!r}, 'w')\n")
    (tmp_path / "ansible.cfg").write_text(
        f"[defaults]\ninventory_plugins={plugins}\nvars_plugins={tmp_path}/vars_plugins\n[inventory]\nenable_plugins=evil\n"
    )
    (tmp_path / "hosts.ini").write_text("web1 x=\"{{ lookup('pipe', 'touch " + str(mark) + "') }}\"\n")
    assert [host.name for host in take(tmp_path / "hosts.ini", None).found.hosts] == ["web1"]
    assert not mark.exists()


def test_links_that_lead_out_are_not_followed(tmp_path):
    (tmp_path / "secret.yml").write_text(f"ansible_user: {CANARY}\n")
    inside = tmp_path / "inventory"
    (inside / "group_vars").mkdir(parents=True)
    (inside / "hosts").write_text("web1\n")
    (inside / "group_vars" / "all.yml").symlink_to("../../secret.yml")
    (inside / "group_vars" / "loop").symlink_to(".")
    found = take(inside / "hosts", None).found
    assert CANARY not in repr(found)
    assert any("leads out" in remark.why for remark in found.remarks)


@pytest.mark.parametrize("pattern", ["/etc/passwd", "~/other", "../out", "~root/.ssh/config"])
def test_an_include_that_leads_out_is_told_and_not_read(pattern, tmp_path):
    (tmp_path / "out").write_text("Host stolen\n")
    (tmp_path / "ssh").mkdir()
    (tmp_path / "ssh" / "config").write_text(f"Include {pattern}\nHost a\n")
    found = take(tmp_path / "ssh" / "config", None).found
    assert [host.name for host in found.hosts] == ["a"]
    assert [remark.what for remark in found.remarks] == [f"Include {pattern}"]


def test_a_pipe_is_no_file_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "hosts.ini")
    with pytest.raises(FileError, match="is not a file"):
        take(tmp_path / "hosts.ini", None)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("hosts", "[web]\nHost = x\n", "ansible"),
        ("inventory", "web1\nweb2\n", "ansible"),
        ("config", "# mine\nHost web1\n  Port 22\n", "ssh-config"),
        ("export", "Name,Address\n", "csv"),
        ("hosts.CSV", "", "csv"),
        ("x.yml", "Host: a\n", "ansible"),
    ],
)
def test_the_kind_is_told_by_the_ending_then_by_the_first_lines(name, text, kind, tmp_path):
    (tmp_path / name).write_text(text)
    assert guess_kind(tmp_path / name) == kind
