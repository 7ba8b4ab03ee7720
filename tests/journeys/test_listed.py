"""A host that leaves its client's file in the middle of a run is not begun any more; the others are."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.engine.stopping import Stopping
from msp_ops.files.client_file import load_unpinned
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.listed import Listed
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import audit, disk_answer
from tests.journeys.cast import asked, parts_with

ACME = Path(__file__).parent.parent.parent / "inventory" / "clients" / "acme.yaml"
WEB2 = "- {id: web2,"


@pytest.fixture
def file(tmp_path):
    (tmp_path / "clients").mkdir()
    return Path(shutil.copy(ACME, tmp_path / "clients"))


@pytest.fixture
def client(file):
    return load_unpinned(file)


def without_web2(file):
    lines = file.read_text().splitlines(keepends=True)
    assert any(WEB2 in line for line in lines)
    file.write_text("".join(line for line in lines if WEB2 not in line))


def run_while(clock, store, client, root, meanwhile):
    """The outcomes on three hosts, one after the other; `meanwhile` happens when the first is looked at."""
    seen = []

    def looked(script):
        if not seen:
            meanwhile()
        seen.append(script)
        return disk_answer("40%")(script)

    hosts = tuple(replace(host, host_keys=("ssh-ed25519 AAAA",)) for host in client.hosts())
    parts = parts_with(store, clock, {host.id: FakeHost(looked=looked) for host in hosts}, client, root=root)
    run = to_the_end(run_runbook(parts, asked(clock, audit(), client=client, hosts=hosts, at_once=1), Stopping()))
    return {host.host_id: (host.outcome, host.reason) for host in run.hosts}, len(seen)


def test_a_host_that_was_taken_out_of_its_file_is_not_begun_and_the_others_are(clock, store, client, file, tmp_path):
    found, asked_hosts = run_while(clock, store, client, tmp_path, lambda: without_web2(file))
    assert found["web2"] == (Outcome.DEFERRED, "it was taken out of acme.yaml after this run had begun")
    assert {found["web1"][0], found["db1"][0]} == {Outcome.SUCCEEDED}
    assert asked_hosts == 2


def test_a_client_whose_file_is_gone_has_no_host_any_more(clock, store, client, file, tmp_path):
    found, asked_hosts = run_while(clock, store, client, tmp_path, file.unlink)
    assert [outcome for outcome, _ in found.values()] == [Outcome.SUCCEEDED, Outcome.DEFERRED, Outcome.DEFERRED]
    assert asked_hosts == 1


def test_what_else_is_changed_in_the_file_changes_nothing_of_the_run(clock, store, client, file, tmp_path):
    def moved():
        file.write_text(file.read_text().replace("10.77.0.12", "10.77.0.99"))

    found, _ = run_while(clock, store, client, tmp_path, moved)
    assert {outcome for outcome, _ in found.values()} == {Outcome.SUCCEEDED}


def test_a_file_that_is_being_written_has_taken_nobody_out_until_it_can_be_read(client, file, tmp_path):
    listed, whole = Listed(tmp_path, client), file.read_text()
    file.write_text(whole[:200])
    assert listed.has_left("db1") is None
    file.write_text(whole)
    without_web2(file)
    assert listed.has_left("db1") is None
    assert listed.has_left("web2") == "it was taken out of acme.yaml after this run had begun"
    file.write_text(whole)
    assert listed.has_left("web2") is None, "and put back"


def test_clients_that_come_from_no_file_have_nothing_to_leave(client):
    assert Listed(Path("/nowhere"), client).has_left("web2") is None
