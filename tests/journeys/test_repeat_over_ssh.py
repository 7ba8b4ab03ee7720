"""A step that may be repeated, on a real sshd: failed, then killed, then done; each try is a parcel of its own."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import ScriptStep
from msp_ops.engine.events import Waiting
from msp_ops.engine.stopping import Stopping
from msp_ops.engine.system_clock import SystemClock
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.store import open_store
from tests.engine.parts import runbook
from tests.journeys.test_given_over_ssh import asked_of, files_of, parts_over_ssh
from tests.transports.sshd import sshd

pytestmark = [pytest.mark.wire, pytest.mark.skipif(os.geteuid() != 0, reason="a host's folders are its own for root")]
REPEAT = ScriptStep(kind="script", name="do it", file="act.sh", repeatable=True, tries=4)
PROVE = ScriptStep(kind="script", name="prove it", file="prove.sh", changes=False)
ACT = """\
n=$(cat ROOM/count 2>/dev/null || echo 0)
echo $((n + 1)) >ROOM/count
echo "msp: changed try $n"
case $n in
0) echo 'msp: why not yet'; exit 1 ;;
1) kill -9 $$ ;;
2) kill -9 $PPID $(sed -n 's/^PPid:[[:space:]]*//p' /proc/$PPID/status) $$ ;;
esac
"""


@pytest.fixture
def server(tmp_path):
    (tmp_path / "sshd").mkdir()
    with sshd(tmp_path / "sshd") as server:
        yield server


def test_it_is_repeated_until_it_is_done_whatever_happened_to_it(server, tmp_path):
    book = runbook(
        steps=(REPEAT,),
        verify=(PROVE,),
        scripts={"act.sh": ACT.replace("ROOM", str(tmp_path)), "prove.sh": "exit 0\n"},
    )
    with open_store(f"sqlite:///{tmp_path}/store.db", SystemClock()) as store:
        parts = parts_over_ssh(store, tmp_path)
        parts = replace(parts, patience=replace(parts.patience, pause=timedelta(seconds=0.1)))
        asked = replace(asked_of(server, parts, book), parameters={})
        events = list(run_runbook(parts, asked, Stopping()))
        run = store.runs.read(events[-1].run.id)
        parcels = [intent.parcel.id for intent in store.runs.intents(run.id, "here")]
    (host,) = run.hosts
    assert host.outcome is Outcome.SUCCEEDED, host.reason
    assert (tmp_path / "count").read_text() == "4\n"
    assert host.result.steps[0].reason.startswith("at try 4 of 4; before: ")
    assert host.result.steps[0].changed == ("try 0", "try 1", "try 3"), "who was interrupted told nothing of it"
    said = host.result.steps[0].evidence.body.decode()
    assert [line for line in said.splitlines() if line.startswith("--")] == [
        "-- try 1: failed",
        "-- try 2: failed",
        "-- try 3: unknown",
        "-- try 4: succeeded",
    ]
    assert [event.why.rpartition("; ")[2] for event in events if isinstance(event, Waiting) and "try" in event.why] == [
        "try 2 of 4 comes",
        "try 3 of 4 comes",
        "try 4 of 4 comes",
    ]
    assert parcels == [f"{run.id}-here-0", *(f"{run.id}-here-0-again{n}" for n in (1, 2, 3))]
    assert not [path for path in files_of(server) if "-here-0" in str(path)]
