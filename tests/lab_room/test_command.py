"""The command line: what a person types, what programs read, which exit code they get."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from msp_ops.cli.lab import app
from msp_ops.lab.lab import Lab


def test_without_a_terminal_and_without_yes_nothing_is_made(tmp_path: Path):
    done = CliRunner().invoke(app, ["up", "acme-web1", "--dir", str(tmp_path / "lab")])
    assert done.exit_code == 2
    assert not (tmp_path / "lab").exists()


def test_an_unknown_host_ends_with_two_and_says_which_there_are(tmp_path: Path):
    done = CliRunner().invoke(app, ["up", "web9", "--yes", "--dir", str(tmp_path / "lab")])
    assert done.exit_code == 2
    assert "there are: acme-web1, acme-web2" in done.output


def test_a_lab_that_is_not_up_says_so(tmp_path: Path):
    folder = ["--dir", str(tmp_path / "lab")]
    assert "is not up" in CliRunner().invoke(app, ["status", *folder]).output
    assert json.loads(CliRunner().invoke(app, ["status", "--json", *folder]).output)["hosts"] == []
    for command in (["exec", "true"], ["sh", "acme-web1"], ["fault", "acme-web1", "drop"], ["reset", "acme-web1"]):
        done = CliRunner().invoke(app, [command[0], *folder, *command[1:]])
        assert (done.exit_code, "is not up" in done.output) == (2, True), command


def test_the_list_of_faults_has_a_line_for_each():
    listed = CliRunner().invoke(app, ["fault", "list"]).output
    assert "disk-full        the disk is filled up to this [per cent: 100]" in listed.splitlines()


def test_an_argument_that_begins_with_a_dash_is_no_option(tmp_path: Path):
    folder = ["--dir", str(tmp_path / "lab")]
    for words in (["acme-web1", "clock-skew", "-2d", *folder], [*folder, "acme-web1", "clock-skew", "-2d"]):
        done = CliRunner().invoke(app, ["fault", *words])
        assert (done.exit_code, "is not up" in done.output) == (2, True), done.output


@pytest.mark.parametrize("words", [["--lst"], ["acme-web1", "--clear"], ["acme-web1", "drop", "--cler"]])
def test_an_option_that_there_is_not_is_told_as_one(words: list[str]):
    done = CliRunner().invoke(app, ["fault", *words])
    assert done.exit_code == 2
    assert f"there is no option {words[-1]}" in done.output


@pytest.mark.lab
def test_status_shows_what_is_broken_on_purpose(two_hosts: Lab):
    folder = ["--dir", str(two_hosts.folder.path)]
    assert CliRunner().invoke(app, ["fault", *folder, "acme-db1", "reboot-slow", "5"]).exit_code == 0
    found = json.loads(CliRunner().invoke(app, ["status", "--json", *folder]).output)
    assert found["hosts"][1] == {
        "name": "acme-db1",
        "address": "10.77.0.13",
        "running": True,
        "boots": 1,
        "faults": ["reboot-slow 5"],
    }
    assert CliRunner().invoke(app, ["fault", *folder, "acme-db1", "clear"]).exit_code == 0
    assert "faults" not in CliRunner().invoke(app, ["status", *folder]).output
