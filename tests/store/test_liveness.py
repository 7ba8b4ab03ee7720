import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.store.liveness import ProcessRecord, is_alive
from msp_ops.store.machine import ThisMachine
from tests.store.cast import TestMachine


def process(silent_for: float | None = 1, pid: int = 7, namespace: int = 42, boot: str = "boot-1") -> ProcessRecord:
    return ProcessRecord(
        id="p",
        pid=pid,
        start_ticks=100,
        pid_namespace=namespace,
        boot_id=boot,
        silent_for=None if silent_for is None else timedelta(seconds=silent_for),
    )


@pytest.mark.parametrize(
    ("record", "alive", "why"),
    [
        (process(), True, "it beats and its process is there"),
        (process(45), True, "45 seconds are not more than 45"),
        (process(45.1), False, "its heart has stopped"),
        (process(None), False, "its clock ended with an earlier boot"),
        (process(pid=8), False, "its process is gone"),
        (process(pid=8, namespace=43), True, "a container's numbers mean nothing here: it beats"),
        (process(pid=8, boot="boot-2"), True, "another machine's numbers mean nothing here: it beats"),
        (process(60, pid=8, boot="boot-2"), False, "another machine's heart has stopped"),
    ],
    ids=lambda each: each.replace(" ", "-") if isinstance(each, str) else "",
)
def test_a_process_is_alive_while(record: ProcessRecord, alive: bool, why: str):
    assert is_alive(record, TestMachine(dead={8}), "boot-1") is alive, why


def test_this_process_is_there_and_one_with_its_number_but_another_start_is_not():
    machine = ThisMachine()
    own = machine.this_process()
    assert own.pid == os.getpid()
    assert own.pid_namespace == Path("/proc/self/ns/pid").stat().st_ino
    assert machine.is_there(own.pid, own.start_ticks)
    assert not machine.is_there(own.pid, own.start_ticks + 1)


def test_a_killed_process_is_gone_also_before_its_parent_noticed():
    machine = ThisMachine()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    ticks = int(Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19])
    assert machine.is_there(child.pid, ticks)
    child.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while machine.is_there(child.pid, ticks) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not machine.is_there(child.pid, ticks)  # a zombie: nobody has waited for it yet
    child.communicate()
    assert not machine.is_there(child.pid, ticks)


def test_the_process_of_another_user_is_there():
    assert ThisMachine().is_there(1, int(Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19]))
