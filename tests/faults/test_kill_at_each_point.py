"""The process dies at each point of the commit protocol: what the store says afterwards is the truth."""

import getpass
import subprocess
import sys
import time

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.wiring import Settings, open_workspace
from tests.transports.sshd import sshd

pytestmark = pytest.mark.wire
CLIENT = """\
name: Acme Dental
timezone: Europe/Berlin
currency: EUR
sites:
  - {{id: praxis, name: Practice, hosts: [{{id: web1, address: 127.0.0.1, port: {port}}}]}}
credentials:
  default: {{user: {user}, key: "file:{key}"}}
contracts:
  - {{kind: break-fix, id: repairs, hourly_rate: 95, since: 2026-01-01, rounding: {{increment: 15m}}}}
"""
# point: (the run as every reader sees it, how often the host was changed, work records)
POINTS = {
    "before open_run": (None, 0, 0),
    "after open_run": (Outcome.DEFERRED, 0, 0),
    "after take_host": (Outcome.DEFERRED, 0, 0),
    "after connect": (Outcome.DEFERRED, 0, 0),
    "after deliver": (Outcome.DEFERRED, 0, 0),
    "before intend": (Outcome.DEFERRED, 0, 0),
    "after intend": (Outcome.UNKNOWN, 0, 0),
    "before commit": (Outcome.UNKNOWN, 0, 0),
    "after commit": (Outcome.UNKNOWN, 1, 0),
    "before collect": (Outcome.UNKNOWN, 1, 0),
    "after collect": (Outcome.UNKNOWN, 1, 0),
    "before record": (Outcome.UNKNOWN, 1, 0),
    "after record": (Outcome.SUCCEEDED, 1, 0),
    "after forget": (Outcome.SUCCEEDED, 1, 0),
    "before close_run": (Outcome.SUCCEEDED, 1, 0),
    "after close_run": (Outcome.SUCCEEDED, 1, 1),
    "nowhere": (Outcome.SUCCEEDED, 1, 1),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def place(server, tmp_path):
    (tmp_path / "clients").mkdir()
    (tmp_path / "msp.yaml").write_text("name: Northwind IT\ncontact: desk@northwind.example\n")
    text = CLIENT.format(port=server.port, user=getpass.getuser(), key=server.user_key)
    (tmp_path / "clients" / "acme.yaml").write_text(text)
    (tmp_path / "clients" / "acme.pins").write_text(f"web1 {server.pin}\n")
    return tmp_path


def run_until(point, place):
    argv = [sys.executable, "-m", "tests.faults.point_child", place, point, place / "effect"]
    return subprocess.run(argv, capture_output=True, check=False, text=True, timeout=60)


@pytest.mark.parametrize("point", POINTS)
def test_after_a_kill_the_store_tells_the_truth(point, place):
    outcome, effects, records = POINTS[point]
    ended = run_until(point, place)
    assert ended.returncode == (0 if point == "nowhere" else -9), ended.stderr
    effect = place / "effect"
    deadline = time.monotonic() + 10
    while effects and not effect.exists():
        assert time.monotonic() < deadline, "the host did not carry out what was committed"
        time.sleep(0.05)
    assert (effect.read_text() if effect.exists() else "") == "ran\n" * effects

    settings = Settings(workspace=place, store_url=f"sqlite:///{place}/.state/store.db", prefect_url="")
    with open_workspace(settings) as parts:
        runs = parts.store.runs.list()
        assert [run.outcome for run in runs] == ([] if outcome is None else [outcome])
        assert len(parts.store.work.list("acme")) == records
