"""No acknowledged result or work record is lost or doubled, and nothing interrupted looks as if it had ended."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Run
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from tests.store.cast import rich_result

KILLS = int(os.environ.get("MSP_OPS_KILLS", "60"))


@pytest.fixture
def aftermath(url: str, tmp_path: Path) -> Store:
    open_store(url, SystemClock()).close()
    command = [sys.executable, "-m", "tests.store.kill_campaign", url, str(tmp_path), str(KILLS), "7"]
    subprocess.run(command, check=True, timeout=60 + KILLS)
    assert not (tmp_path / "defects").exists(), (tmp_path / "defects").read_text()
    return open_store(url, SystemClock())


def lines(path: Path) -> list[tuple[str, ...]]:
    return [tuple(line.split()) for line in path.read_text().splitlines()]


def test_after_many_kills_nothing_acknowledged_is_lost_doubled_or_glossed_over(aftermath: Store, tmp_path: Path):
    acknowledged = Counter(lines(tmp_path / "acknowledged"))
    effects = Counter(lines(tmp_path / "effects"))
    runs = {run.id: run for run in aftermath.runs.list(limit=None, depth="steps")}
    records = Counter(record.run_id for client in ("acme", "borealis") for record, _ in aftermath.work.list(client))

    assert set(acknowledged.values()) == {1}
    assert set(effects.values()) == {1}
    assert set(records.values()) == {1}
    for what, run_id, *host in acknowledged:
        judge_acknowledged(what, runs[run_id], host, records)
    for run_id, host in effects:
        assert state(runs[run_id], host).outcome in {Outcome.FAILED, Outcome.UNKNOWN, Outcome.SUCCEEDED}
    for run in runs.values():
        judge_interrupted(run, {host for run_id, host in effects if run_id == run.id})
    for client in ("acme", "borealis"):
        closed = [run for run in runs.values() if run.plan.client_id == client and run.ended_at is not None]
        assert aftermath.work.verify_chain(client).length == len(closed)
    assert sum(not run.ended_at for run in runs.values()) <= 1
    assert sum(bool(host.resolution) for run in runs.values() for host in run.hosts) > KILLS / 10
    aftermath.check()
    aftermath.close()


def state(run: Run, host: str):
    return next(each for each in run.hosts if each.host_id == host)


def judge_acknowledged(what: str, run: Run, host: list[str], records: Counter[str]) -> None:
    match what:
        case "record":
            saved = state(run, host[0]).result
            assert saved is not None
            assert saved.findings() == rich_result(host[0]).findings()
            assert saved.steps[1].measurements == rich_result(host[0]).steps[1].measurements
        case "intend":
            assert state(run, host[0]).outcome is not Outcome.DEFERRED
        case "close_run":
            assert run.ended_at is not None
            assert records[run.id] == 1
        case "resolve":
            assert state(run, host[0]).resolution is not None


def judge_interrupted(run: Run, changed: set[str]) -> None:
    """All processes are dead: nothing goes on, what was changed without a result is unknown or was resolved."""
    for host in run.hosts:
        assert host.outcome is not None
        if host.result is None and host.host_id in changed:
            assert host.outcome is Outcome.UNKNOWN or host.resolution is not None
        if host.outcome is Outcome.DEFERRED:
            assert host.host_id not in changed
