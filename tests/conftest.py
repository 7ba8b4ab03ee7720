"""The practice hosts that tests share, and a workspace that knows them."""

import ctypes
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.engine.system_clock import SystemClock
from msp_ops.lab.system import inotify_limit, inotify_used

ROOT = Path(__file__).parent.parent
CLONE_NEWNET = 0x40000000
INOTIFY_PER_WORKER = 50  # five hosts, and two more while a test makes a lab of its own
SLOW = ("lab", "prefect", "page", "wire")
LONGEST = ("/lab/", "/prefect_room/", "/transports/", "/docs/", "/runbooks/test_patch_", "/playbooks/")
WORKERS = 2  # for each processor: most of the slow ones wait
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # python is started a thousand times: it need not compile each time


def pytest_collection_modifyitems(items):
    """Unit tests first: the quick red comes before the slow one; then what would be left alone at the end."""
    items.sort(key=turn)


def turn(item):
    if not any(item.get_closest_marker(name) for name in SLOW):
        return 0
    return 1 if any(part in item.nodeid for part in LONGEST) else 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """What `-n auto` means here: a lab each, as far as this machine has inotify instances for them."""
    labs = (inotify_limit() - inotify_used()) // INOTIFY_PER_WORKER
    return max(1, min(WORKERS * (os.cpu_count() or 1), labs))


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The five hosts of the sample inventory, up for the whole session."""
    from tests.lab_room.lasting import lasting_lab  # noqa: PLC0415  # only tests with the marker `lab` need it

    if os.geteuid():
        pytest.skip("practice hosts need root; CI runs as root")
    with lasting_lab(tmp_path_factory.mktemp("lab") / "lab") as lab:
        yield lab


@pytest.fixture
def inside_lab(lab):
    """This thread, and what it starts, sees the network of the practice hosts for one test."""
    libc = ctypes.CDLL(None, use_errno=True)
    there_path = next(word.removeprefix("--net=") for word in lab.enter_argv() if word.startswith("--net="))
    with Path("/proc/self/ns/net").open("rb") as before, Path(there_path).open("rb") as there:
        assert libc.setns(there.fileno(), CLONE_NEWNET) == 0
        yield lab
        assert libc.setns(before.fileno(), CLONE_NEWNET) == 0


@pytest.fixture
def workspace(lab, tmp_path):
    """The sample inventory with this lab's key and pins; its schedules begin in three hours."""
    from msp_ops.cli.demo_workspace import write_workspace  # noqa: PLC0415

    write_workspace(lab, tmp_path / "workspace", SystemClock().now() + timedelta(hours=3))
    return tmp_path / "workspace"


@pytest.fixture
def fresh(lab):
    """Names of hosts to have as new: everything that earlier tests changed there is thrown away."""

    def reset(*names):
        with ThreadPoolExecutor() as pool:
            list(pool.map(lab.reset, names))

    return reset


@pytest.fixture
def command(inside_lab, workspace):
    """`msp-ops` as a person runs it, in its own process."""

    def run(*words, **more):
        argv = [sys.executable, "-m", "msp_ops", *words]
        environment = {**os.environ, "MSP_OPS_WORKSPACE": str(workspace), "NO_COLOR": "1", "COLUMNS": "200"}
        more = {"capture_output": True, "text": True, "timeout": 120, **more}
        return subprocess.run(argv, env=environment, cwd=ROOT, check=False, **more)

    return run


@pytest.fixture
def start(inside_lab, workspace):
    """The same, started and not waited for; ended by force at the end of the test."""
    running = []

    def begin(*words):
        environment = {**os.environ, "MSP_OPS_WORKSPACE": str(workspace), "NO_COLOR": "1"}
        argv = [sys.executable, "-u", "-m", "msp_ops", *words]
        process = subprocess.Popen(
            argv, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait(10)
        process.stdout.close()
