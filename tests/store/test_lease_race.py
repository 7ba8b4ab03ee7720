import subprocess
import sys
from pathlib import Path

from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store


def test_two_processes_are_never_on_one_host_at_once(url: str, tmp_path: Path):
    open_store(url, SystemClock()).close()
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.lease_racer", url, str(tmp_path), *names],
            stdout=subprocess.PIPE,
            text=True,
        )
        for names in (("a", "b"), ("b", "a"))
    ]
    answers = [racer.communicate(timeout=120)[0] for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0]
    for answer in answers:
        there, refused = map(int, answer.split())
        assert there > 0
        assert refused > 0
