"""`clients import`: everything is told before anything is written, and nobody is asked twice."""

import json

import pytest

INVENTORY = """\
[web]
web1.acme.example ansible_host=10.9.0.1 ansible_user=ops ansible_password=hunter2
web2 ansible_host=10.9.0.2
box ansible_connection=docker
"""
NEW = ("--client", "dental", "--zone", "Europe/Berlin", "--currency", "EUR")


@pytest.fixture
def inventory(tmp_path):
    path = tmp_path / "hosts.ini"
    path.write_text(INVENTORY)
    return str(path)


def test_without_an_answer_nothing_is_written_and_everything_was_told(inventory, msp_ops, sample):
    done = msp_ops("clients", "import", inventory, *NEW)
    assert done.returncode == 4
    assert "web1-acme-example  10.9.0.1" in done.stdout
    assert f"left out: ansible_connection, box ({inventory}:4)" in done.stderr
    assert f"secret: ansible_password, web1.acme.example ({inventory}:2)" in done.stderr
    assert "env:DENTAL_" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert not (sample / "clients" / "dental.yaml").exists()


def test_yes_writes_and_the_workspace_is_well(inventory, msp_ops, sample):
    done = msp_ops("clients", "import", inventory, *NEW, "--yes")
    assert done.returncode == 1  # the container was left out
    assert "Wrote" in done.stderr
    assert msp_ops("validate").returncode == 0
    again = msp_ops("clients", "import", inventory, "--client", "dental")
    assert (again.returncode, again.stdout) == (1, "nothing new\n")
    assert "dental: nothing new." in again.stderr


def test_into_a_known_client_hosts_are_added_below_its_own(msp_ops, sample, tmp_path):
    path = tmp_path / "hosts.csv"
    path.write_text("name,ip,roles\nweb9,10.9.0.9,web\nweb1,10.77.0.11,web\n")
    before = (sample / "clients" / "acme.yaml").read_text()
    done = msp_ops("clients", "import", str(path), "--client", "acme", "--yes")
    assert done.returncode == 0, done.stderr
    after = (sample / "clients" / "acme.yaml").read_text()
    new = [line for line in after.splitlines() if line not in before.splitlines()]
    assert "{id: web9, address: 10.9.0.9" in new[0]
    assert [line for line in after.splitlines() if line in before.splitlines()] == before.splitlines()


def test_a_look_writes_nothing(inventory, msp_ops, sample):
    done = msp_ops("clients", "import", inventory, *NEW, "--check")
    assert done.returncode == 1
    assert not (sample / "clients" / "dental.yaml").exists()


def test_json_is_alone_on_standard_output(inventory, msp_ops):
    done = msp_ops("clients", "import", inventory, *NEW, "--check", "--json")
    said = json.loads(done.stdout)
    (client,) = said["clients"]
    assert (said["from"], client["client"], client["is_new"]) == ("ansible", "dental", True)
    assert [host["id"] for host in client["sites"][0]["hosts"]] == ["web1-acme-example", "web2"]
    assert {remark["verdict"] for remark in said["remarks"]} >= {"left out", "secret", "renamed"}
    assert "hunter2" not in done.stdout


def test_a_host_that_the_file_has_otherwise_ends_with_one(msp_ops, sample, tmp_path):
    path = tmp_path / "hosts.ini"
    path.write_text("web1 ansible_host=10.1.1.1\n")
    before = (sample / "clients" / "acme.yaml").read_text()
    done = msp_ops("clients", "import", str(path), "--client", "acme", "--yes")
    assert done.returncode == 1
    assert "contradicts: acme/web1" in done.stderr
    assert (sample / "clients" / "acme.yaml").read_text() == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nothing.ini", *NEW), 3, "there is no file nothing.ini"),
        (("HERE",), 2, "nothing says whose hosts these are"),
        (("HERE", "--client", "dental"), 2, "add --zone and --currency"),
        (("HERE", *NEW, "--by-group", "web"), 2, "right is GROUP=CLIENT"),
        (("HERE", *NEW, "--from", "puppet"), 2, "'puppet' is not one of"),
    ],
)
def test_a_mistake_is_one_clear_error(words, code, said, inventory, msp_ops):
    done = msp_ops("clients", "import", *(inventory if word == "HERE" else word for word in words))
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_an_inventory_says_does_not_steer_a_terminal(msp_ops, tmp_path):
    path = tmp_path / "hosts.csv"
    path.write_text("name,ip,\x1b[2Jcolumn\nweb\x1b[31m1,10.9.0.1,\nweb\u202e2,x y,\n")
    done = msp_ops("clients", "import", str(path), *NEW, "--check")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout + done.stderr
