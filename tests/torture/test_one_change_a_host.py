"""Never two changes on one host at once: judged by the host itself, whatever frozen and killed rivals believe."""

import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Run
from msp_ops.journeys.recover import lost_hosts
from msp_ops.wiring import open_workspace
from tests.torture.host import host_alone
from tests.torture.mortal import clean_up
from tests.torture.size import AGAIN, SEED, size
from tests.torture.world import Traces, make_workspace, read_traces, settings_of

pytestmark = pytest.mark.wire
ATTEMPTS = size(200, 10_000)
NOTHING_RAN = {Outcome.DEFERRED, Outcome.BLOCKED, Outcome.NOT_REACHED}


@dataclass(frozen=True)
class Race:
    told: Counter[str]
    runs: dict[str, Run]
    traces: Traces


@pytest.fixture(scope="module", params=[1, 2], ids=["one-store", "two-stores"])
def race(request, memory: Path):
    with host_alone(memory / f"host-{request.param}") as host:
        places = [memory / f"{request.param}-{name}" for name in "ab"[: request.param]]
        for place in places:
            make_workspace(place, {"web1": host})
        words = [str(ATTEMPTS // 2), f"{SEED} rivals {request.param}", *map(str, places)]
        subprocess.run([sys.executable, "-m", "tests.torture.rivals", *words], check=True, timeout=300 + ATTEMPTS)
        for place in places:
            defects = place / "defects"
            assert not defects.exists(), f"{AGAIN}\n{defects.read_text()}"
        runs = {run.id: run for place in places for run in _at_rest(place)}
        lines = [line.split() for place in places for line in (place / "told").read_text().splitlines()]
        yield Race(Counter(outcome for _, outcome, *_ in lines), runs, read_traces(host))


def _at_rest(place: Path) -> list[Run]:
    """After everything that is still unknown was asked of the host."""
    with open_workspace(settings_of(place)) as parts:
        deadline = time.monotonic() + 60
        while lost_hosts(parts) and time.monotonic() < deadline:
            clean_up(parts, lambda *_words: None)
        clean_up(parts, lambda *_words: None)
        parts.store.check()
        return parts.store.runs.list(limit=None, depth="steps")


def test_there_were_never_two_changes_on_the_host_at_once(race):
    assert not race.traces.overlaps, f"{race.traces.overlaps} of {race.traces.begun.total()}; {AGAIN}"


def test_nobody_did_anything_twice_and_the_store_knows_what_was_done(race):
    assert set(race.traces.begun.values()) == {1}, AGAIN
    for run in race.runs.values():
        (host,) = run.hosts
        assert host.result is None or host.result.defect is None, f"{run.id}: {host.result}; {AGAIN}"
        assert host.outcome is not Outcome.UNKNOWN, f"{run.id} {host.reason}; {AGAIN}"
        assert not (host.outcome in NOTHING_RAN and race.traces.changed(run.id)), f"{run.id} {host}; {AGAIN}"


def test_the_race_was_one(race):
    """Else it proves nothing: enough attempts, some of which had the host, and others were refused."""
    assert race.told.total() >= ATTEMPTS // 2, race.told
    assert race.told["SUCCEEDED"] > ATTEMPTS / 200, race.told
    assert race.told["BLOCKED"] > ATTEMPTS / 20, race.told
