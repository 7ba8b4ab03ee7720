"""Settings become the parts that a journey needs: the one place that builds things, and imports the heavy ones."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msp_ops.domain.errors import FileError
from msp_ops.domain.record import record

if TYPE_CHECKING:
    from msp_ops.files.workspace import Workspace
    from msp_ops.journeys.parts import Parts
    from msp_ops.prefect_api.api import PrefectApi


@record
class Settings:
    """Where everything is; `read_settings` finds it."""

    workspace: Path
    store_url: str
    prefect_url: str

    @property
    def state(self) -> Path:
        """What this machine keeps: the store, Prefect's password and database, logs. Nobody else can read it."""
        return self.workspace / ".state"

    @property
    def summaries(self) -> Path:
        return self.workspace / "summaries"


def read_settings(workspace: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The folder named, else MSP_OPS_WORKSPACE, else the current one, else `inventory/` in it. FileError."""
    named = workspace or (Path(found) if (found := environment.get("MSP_OPS_WORKSPACE")) else None)
    root = named or next((path for path in (Path(), Path("inventory")) if (path / "msp.yaml").exists()), Path())
    root = root.resolve()
    if not (root / "msp.yaml").exists():
        raise FileError(
            f"{root} is no workspace: it has no msp.yaml. Go to one, name it with --workspace or MSP_OPS_WORKSPACE, or "
            f"make one: msp-ops init DIR"
        )
    return Settings(
        workspace=root,
        store_url=environment.get("MSP_OPS_STORE", f"sqlite:///{root / '.state' / 'store.db'}"),
        prefect_url=environment.get("MSP_OPS_PREFECT", "http://127.0.0.1:4215/api"),
    )


def load_files(settings: Settings) -> "Workspace":
    """The workspace alone: no store, no wire."""
    from msp_ops.checks.table import CHECKS
    from msp_ops.files.workspace import load_workspace

    return load_workspace(settings.workspace, known_checks=frozenset(CHECKS))


@contextmanager
def open_workspace(settings: Settings | None = None) -> Iterator["Parts"]:
    """Everything that a journey needs, closed at the end. FileError, StoreError."""
    from msp_ops.checks.table import CHECKS
    from msp_ops.engine.system_clock import SystemClock
    from msp_ops.journeys.parts import Parts
    from msp_ops.secrets.references import resolver
    from msp_ops.store import open_store
    from msp_ops.transports.base import Limits
    from msp_ops.transports.ssh.login import Keyring
    from msp_ops.transports.ssh.transport import SshTransport

    settings = settings or read_settings()
    clock = SystemClock()
    resolve = resolver(settings.workspace, os.environ)
    settings.state.mkdir(mode=0o700, exist_ok=True)
    with open_store(settings.store_url, clock) as store:
        yield Parts(
            workspace=load_files(settings),
            store=store,
            wire=SshTransport(Keyring(settings.workspace, resolve), Limits()),
            resolve=resolve,
            checks=CHECKS,
            clock=clock,
            summaries=settings.summaries,
        )


@contextmanager
def open_prefect(settings: Settings) -> Iterator["PrefectApi"]:
    """Prefect's API with the workspace's password. Raises MspOpsError when the service is not up."""
    from msp_ops.prefect_api.api import PrefectApi
    from msp_ops.prefect_api.password import read_password

    with PrefectApi(settings.prefect_url, read_password(settings.state / "prefect-password")) as api:
        yield api
