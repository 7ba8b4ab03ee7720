"""What the embedded service is told, and the environments of its two processes."""

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from msp_ops.domain.record import record

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_LOGGING_COLORS": "false",
    "NO_COLOR": "1",
    "PYTHONUNBUFFERED": "1",
}
# the server runs none of our code, so it sees none of our secrets
SERVER_NEEDS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


@record
class ServiceSettings:
    """`state`: a folder for the service alone; `root`: the folder that holds `flows/`.

    `at_once` is how many runs a worker carries out at the same time, about 100 MB each; `environment` is added to
    that of the runs (where the workspace lies).
    """

    state: Path
    root: Path
    port: int = 4215
    at_once: int = 10
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """What a person opens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.address}/api"

    @property
    def password_file(self) -> Path:
        return self.state / "prefect-password"


def server_environment(settings: ServiceSettings, auth: str) -> dict[str, str]:
    """SQLite in the state folder; runs of Prefect's own database are dropped after 90 days, its events after 7."""
    return {
        **{name: os.environ[name] for name in SERVER_NEEDS if name in os.environ},
        **_both(settings),
        "PREFECT_SERVER_API_AUTH_STRING": auth,
        "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",  # our calendar is the scheduler
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    }


def worker_environment(settings: ServiceSettings, auth: str) -> dict[str, str]:
    """Also that of every run: Prefect hands a worker's environment on."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
        **_both(settings),
        "NO_PROXY": ",".join(filter(None, ("127.0.0.1", os.environ.get("NO_PROXY")))),
        "PREFECT_API_AUTH_STRING": auth,
        "PREFECT_WORKER_QUERY_SECONDS": "5",
        "PREFECT_RUNNER_AUTO_INSTALL_DEPENDENCIES": "false",
        **settings.environment,
    }


def _both(settings: ServiceSettings) -> dict[str, str]:
    return {**QUIET, "PREFECT_HOME": str(settings.state / "prefect"), "PREFECT_API_URL": settings.url}
