"""The sample inventory in a folder of its own, `msp-ops` on it in its own process, and runs in its store."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.store import open_store
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import CHECKS, StandingClock, audit, disk_answer
from tests.journeys.cast import asked, parts_with
from tests.store.cast import parcel

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def sample(tmp_path):
    folder = tmp_path / "sample"
    shutil.copytree(ROOT / "inventory", folder, ignore=shutil.ignore_patterns(".state", "summaries"))
    (folder / ".state").mkdir(mode=0o700)
    return folder


@pytest.fixture
def msp_ops(sample):
    def run(*words, **more):
        argv = [sys.executable, "-m", "msp_ops", *words]
        environment = {**os.environ, "MSP_OPS_WORKSPACE": str(sample), "NO_COLOR": "1", "COLUMNS": "200"}
        environment |= more.pop("environment", {})
        more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        return subprocess.run(argv, env=environment, cwd=ROOT, check=False, encoding="utf-8", timeout=60, **more)

    return run


@pytest.fixture
def past_run(sample):
    """Carries a run out on a host of paper and leaves it in the sample's store. `reading`: what its check found."""

    def carry_out(book=None, host=None, reading=None, **changes):
        clock = StandingClock()
        with open_store(f"sqlite:///{sample}/.state/store.db", clock) as store:
            parts = parts_with(store, clock, {"a": host or FakeHost(looked=disk_answer("40%"))})
            if reading:
                disk = replace(CHECKS["disk"], read=lambda _seen: reading)
                parts = replace(parts, checks={"disk": disk})
            whole = asked(clock, book or audit(), **changes)
            one = replace(whole, hosts=whole.hosts[:1])
            return store.runs.read(to_the_end(run_runbook(parts, one, Stopping())).id)

    return carry_out


@pytest.fixture
def abandoned_run(sample):
    """The id of a run whose process died on an earlier boot, in the middle of a step."""
    clock = StandingClock()
    with open_store(f"sqlite:///{sample}/.state/store.db", clock) as store:
        whole = asked(clock)
        one = replace(whole, hosts=whole.hosts[:1])
        store.journal.open_run("r-1", one.plan(), one.trigger, one.actor)
        lease = store.journal.take_host("r-1", "a")
        store.journal.intend("r-1", "a", parcel("p-1", "clean up"), lease)
    return "r-1"


@pytest.fixture
def on_a_terminal(sample):
    """Types each answer when its question is on the terminal; how the program ended, and all that was shown."""

    def typed(words: list[str], *answers: tuple[str, str]) -> tuple[int, str]:
        leader, follower = pty.openpty()
        argv = [sys.executable, "-m", "msp_ops", "-w", str(sample), *words]
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
        with subprocess.Popen(argv, stdin=follower, stdout=follower, stderr=follower, env=environment) as child:
            os.close(follower)
            whole = ""
            for sign, answer in answers:
                whole += _until(leader, sign)
                os.write(leader, f"{answer}\n".encode())
            whole += _until(leader, None)
        os.close(leader)
        return child.returncode, whole

    return typed


def _until(leader: int, sign: str | None) -> str:
    """What is shown until the sign, or until the end of the program."""
    shown, end = "", time.monotonic() + 60
    while sign is None or sign not in shown:
        assert time.monotonic() < end, shown
        if select.select([leader], [], [], 0.2)[0]:
            try:
                shown += os.read(leader, 4096).decode(errors="replace")
            except OSError:  # Linux says so when the last writer has closed
                return shown
    return shown
