"""The whole engine is killed again and again while it changes real hosts; every start recovers what the last one left.

The hosts judge: nothing was done twice. The store must tell the truth about them, and nothing may stay unknown.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Run
from msp_ops.journeys.recover import lost_hosts
from msp_ops.wiring import open_workspace
from tests.torture.host import MOST, host_alone
from tests.torture.mortal import clean_up
from tests.torture.size import AGAIN, SEED, size
from tests.torture.world import Traces, make_workspace, read_traces, settings_of
from tests.transports.sshd import Sshd

pytestmark = pytest.mark.wire
KILLS = size(12, 1000)
NAMES = ("web1", "db1")[:MOST]
NOTHING_RAN = {Outcome.DEFERRED, Outcome.BLOCKED, Outcome.NOT_REACHED}


@dataclass(frozen=True)
class Aftermath:
    runs: dict[str, Run]
    told: list[tuple[str, ...]]
    traces: dict[str, Traces]
    records: Counter[str]


@pytest.fixture(scope="module")
def aftermath(memory: Path):
    with ExitStack() as stack:
        hosts = {name: stack.enter_context(host_alone(memory / "hosts" / name)) for name in NAMES}
        place = make_workspace(memory / "killed", hosts)
        command = [sys.executable, "-m", "tests.torture.mortal", str(place), str(KILLS), f"{SEED} kills"]
        killed = subprocess.run(command, check=False, timeout=120 + 3 * KILLS)
        defects = place / "defects"
        assert not defects.exists(), f"{AGAIN}\n{defects.read_text()}"
        assert killed.returncode == 0
        yield _at_rest(place, hosts)


def _at_rest(place: Path, hosts: Mapping[str, Sshd]) -> Aftermath:
    told: list[tuple[str, ...]] = []
    with open_workspace(settings_of(place)) as parts:
        deadline = time.monotonic() + 60
        while lost_hosts(parts) and time.monotonic() < deadline:
            clean_up(parts, lambda *words: told.append(words))
        clean_up(parts, lambda *words: told.append(words))
        parts.store.check()
        parts.store.work.verify_chain("acme")
        return Aftermath(
            runs={run.id: run for run in parts.store.runs.list(limit=None, depth="steps")},
            told=[*(tuple(line.split()) for line in (place / "told").read_text().splitlines()), *told],
            traces={name: read_traces(server) for name, server in hosts.items()},
            records=Counter(each.run_id for each, _ in parts.store.work.list("acme")),
        )


def test_no_host_was_changed_twice_by_one_run(aftermath):
    for name, traces in aftermath.traces.items():
        again = [each for each, times in traces.begun.items() if times > 1]
        assert not again, f"{name}: {again}; {AGAIN}"
        assert traces.begun == traces.ended, "every step that began came to its end: a dead controller stops no host"
        assert not traces.overlaps


def test_everything_that_was_told_is_still_there(aftermath):
    for what, run_id, *host in aftermath.told:
        run = aftermath.runs[run_id]
        if what == "run":
            assert run.ended_at is not None, f"{run_id}; {AGAIN}"
            continue
        (state,) = (each for each in run.hosts if each.host_id == host[0])
        if Outcome[host[1]] is not Outcome.UNKNOWN:  # that is no promise: a later look may find out
            assert state.outcome is Outcome[host[1]], f"{run_id} {host}; {AGAIN}"


def test_nothing_stays_unknown_and_every_run_has_its_end_and_its_time_once(aftermath):
    for run in aftermath.runs.values():
        assert run.outcome is not None, f"{run.id}; {AGAIN}"
        assert run.outcome is not Outcome.UNKNOWN, f"{run.id}: {[host.reason for host in run.hosts]}; {AGAIN}"
        assert run.ended_at is not None, f"{run.id}; {AGAIN}"
    assert aftermath.records == Counter(aftermath.runs.keys())


def test_what_the_store_says_of_a_host_is_what_the_host_says(aftermath):
    for run in aftermath.runs.values():
        for host in run.hosts:
            traces = aftermath.traces[host.host_id]
            assert host.result is None or host.result.defect is None, f"{run.id}: {host.result}; {AGAIN}"
            assert not (host.outcome in NOTHING_RAN and traces.changed(run.id)), f"{run.id} {host}; {AGAIN}"
            if host.outcome is Outcome.SUCCEEDED:
                assert {step for one, step in traces.ended if one == run.id} == {"first", "second"}


def test_the_campaign_met_every_kind_of_death(aftermath):
    """Else it proves nothing: deaths before, while and after a host was changed."""
    recovered = {(run_id, host) for what, run_id, *host in aftermath.told if what == "recovered" for host in host[:1]}
    assert len(recovered) > KILLS / 20
    assert any(host.outcome is Outcome.DEFERRED for run in aftermath.runs.values() for host in run.hosts)
    assert any(run.outcome is Outcome.SUCCEEDED for run in aftermath.runs.values())
