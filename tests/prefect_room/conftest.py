"""One real server and worker for all tests that need them; Prefect itself stays out of this process."""

import shutil
import socket
from pathlib import Path

import pytest

from msp_ops.prefect_api.service import Service
from msp_ops.prefect_api.surroundings import ServiceSettings
from tests.prefect_room.cast import SystemClock

HERE = Path(__file__).parent
FLOWS = HERE.parents[1] / "flows"


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> ServiceSettings:
    root = tmp_path_factory.mktemp("root")
    (root / "flows").mkdir()
    (root / "seen").mkdir()
    shutil.copy(FLOWS / "states.py", root / "flows")
    shutil.copy(HERE / "trial" / "health_audits.py", root / "flows")
    state = tmp_path_factory.mktemp("service") / "state"
    return ServiceSettings(state=state, root=root, port=free_port(), environment={"MSP_OPS_WORKSPACE": "/srv/ws"})


@pytest.fixture(scope="session")
def service(settings):
    with Service(settings, SystemClock()) as running:
        running.start(lambda _line: None)
        yield running


@pytest.fixture
def api(service):
    with service.api() as client:
        yield client


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])
