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
CLIENT = """\
name: Acme
timezone: Europe/Berlin
currency: EUR
sites:
  - {id: office, name: Office, hosts: [{id: web1, address: 127.0.0.1, port: 9}]}
credentials:
  default: {user: ops, agent: true}
contracts:
  - {kind: break-fix, id: hourly, hourly_rate: 120, since: 2020-01-01}
schedules:
  - id: backups
    runbook: check-backup-restic
    rrule: FREQ=DAILY
    start: 03:15
    parameters: {repository: /srv/backup, password-file: /root/restic}
"""


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> ServiceSettings:
    """The real flows; health_audits.py alone is the trial's."""
    root = tmp_path_factory.mktemp("root")
    (root / "seen").mkdir()
    shutil.copytree(FLOWS, root / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "trial" / "health_audits.py", root / "flows")
    workspace = tmp_path_factory.mktemp("workspace")
    (workspace / "clients").mkdir()
    (workspace / "msp.yaml").write_text("name: Northwind IT\ncontact: desk@northwind.example\n")
    (workspace / "clients" / "acme.yaml").write_text(CLIENT)
    environment = {"MSP_OPS_WORKSPACE": str(workspace)}
    return ServiceSettings(state=workspace / ".state", root=root, port=free_port(), environment=environment)


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
