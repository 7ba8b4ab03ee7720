"""Settings become the parts that a journey needs: the one place that builds things, and imports the heavy ones."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from msp_ops.domain.errors import FileError, StoreError
from msp_ops.domain.record import record

if TYPE_CHECKING:
    from msp_ops.domain.outbox import Kind, Sender
    from msp_ops.domain.sealing import Signer, Witness
    from msp_ops.engine.job import PlaybookOrder, Player
    from msp_ops.engine.stopping import Stopping
    from msp_ops.files.workspace import Workspace
    from msp_ops.journeys.parts import Parts
    from msp_ops.playbooks.job import PlaybookEvent
    from msp_ops.prefect_api.api import PrefectApi
    from msp_ops.secrets.redact import Redact
    from msp_ops.secrets.references import Resolve
    from msp_ops.transports.base import Breaker, Session, Target
    from msp_ops.transports.ssh.transport import SshTransport
    from msp_ops.transports.winrm.transport import WinRmTransport


@record
class Settings:
    """Where everything is; `read_settings` finds it."""

    workspace: Path
    store_url: str
    prefect_url: str
    key_file: Path | None = None

    @property
    def state(self) -> Path:
        """What this machine keeps: the store, Prefect's password and database, logs. Nobody else can read it."""
        return self.workspace / ".state"

    @property
    def ledger_key(self) -> Path:
        """The private key that seals the ledger; its public half lies beside it."""
        return self.key_file or self.state / "ledger-key"

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
            f"make one: msp-ops init DIR --name ... --contact ..."
        )
    return Settings(
        workspace=root,
        store_url=environment.get("MSP_OPS_STORE", f"sqlite:///{root / '.state' / 'store.db'}"),
        prefect_url=environment.get("MSP_OPS_PREFECT", "http://127.0.0.1:4215/api"),
        key_file=Path(named_key) if (named_key := environment.get("MSP_OPS_LEDGER_KEY")) else None,
    )


def load_files(settings: Settings) -> "Workspace":
    """The workspace alone: no store, no wire."""
    from msp_ops.checks.table import CHECKS
    from msp_ops.files.workspace import load_workspace

    return load_workspace(settings.workspace, known_checks=frozenset(CHECKS))


@contextmanager
def open_workspace(settings: Settings | None = None, files: "Workspace | None" = None) -> Iterator["Parts"]:
    """Everything that a journey needs, closed at the end; `files`, if they were read already. FileError, StoreError."""
    from msp_ops.checks.table import CHECKS
    from msp_ops.engine.system_clock import SystemClock
    from msp_ops.journeys.parts import Parts
    from msp_ops.outside.late import looking_from
    from msp_ops.secrets.references import resolver
    from msp_ops.store import open_store

    settings = settings or read_settings()
    clock = SystemClock()
    resolve = resolver(settings.workspace, os.environ)
    _make_state(settings)
    with open_store(settings.store_url, clock) as store:
        yield Parts(
            workspace=files or load_files(settings),
            store=store,
            wire=LateWires(settings.workspace, resolve, store.breaker),
            resolve=resolve,
            checks=CHECKS,
            clock=clock,
            summaries=settings.summaries,
            play=_player(settings, resolve),
            look_from_here=looking_from(settings.workspace),
            keys=LateKeys(settings.ledger_key),
        )


def _player(settings: Settings, resolve: "Resolve") -> "Player":
    """Playbooks through Ansible, from a folder that is still what was read."""

    def play(order: "PlaybookOrder", stopping: "Stopping", redact: "Redact") -> "Iterator[PlaybookEvent]":
        from msp_ops.files.runbook_file import load_runbook
        from msp_ops.playbooks.job import PlaybookJob
        from msp_ops.playbooks.run import run_playbook

        if load_runbook(order.what.folder).digest != order.digest:
            raise FileError(f"{order.what.folder} has changed since this run was planned; start the runbook again")
        job = PlaybookJob(
            what=order.what,
            hosts=(order.target,),
            groups=order.groups,
            variables=order.variables,
            check=order.check,
            timeout=order.timeout,
            workspace=settings.workspace,
            agent_socket=os.environ.get("SSH_AUTH_SOCK"),
        )
        yield from run_playbook(job, stopping, resolve, redact)

    return play


def senders_of(parts: "Parts") -> "Mapping[Kind, Sender]":
    """Who sends what of the outbox; nobody sends hooks yet."""
    from msp_ops.journeys.outbox_mail import mail_sender
    from msp_ops.journeys.outbox_psa import psa_sender

    return {
        "mail": mail_sender(parts.workspace.msp.mail, parts.resolve),
        "psa": psa_sender(parts.workspace.root, parts.resolve),
    }


def _make_state(settings: Settings) -> None:
    try:
        settings.state.mkdir(mode=0o700, exist_ok=True)
        settings.state.chmod(0o700)
    except OSError as error:
        raise StoreError(
            f"{settings.state}, where the store lies, cannot be made ready: {error.strerror}; "
            f"let this user write in {settings.workspace}"
        ) from None


class LateKeys:
    """The ledger's keys, read at their first use: few commands need the cryptography (40 ms)."""

    def __init__(self, private: Path, public: Sequence[Path] = ()) -> None:
        self._private = private
        self._public = public

    def signer(self) -> "Signer":
        from msp_ops.secrets.signing import read_key

        return read_key(self._private)

    def witness(self) -> "Witness":
        """By the files that were named; else by all that lie beside the private key, those of earlier ones too."""
        from msp_ops.secrets.signing import read_public_keys

        beside = sorted(self._private.parent.glob(f"{self._private.name}*.pub"))
        return read_public_keys(self._public or beside)


class LateWires:
    """The wires, each loaded at its first use: listing runs needs no paramiko (0.2 s) and no pywinrm (0.3 s)."""

    def __init__(self, workspace: Path, resolve: "Resolve", breaker: "Breaker") -> None:
        self._workspace = workspace
        self._resolve = resolve
        self._breaker = breaker
        self._lock = Lock()
        self._ssh: SshTransport | None = None
        self._winrm: WinRmTransport | None = None

    def connect(self, target: "Target") -> "Session":
        wire = self._wire_to(target)
        if target.host.transport == "ssh":
            return wire.connect(target)
        from msp_ops.transports.winrm.spoken import OnlyPowerShell

        return OnlyPowerShell(wire).connect(target)

    def present_key(self, target: "Target") -> str:
        return self._wire_to(target).present_key(target)

    def _wire_to(self, target: "Target") -> "SshTransport | WinRmTransport":
        """One of a kind for all threads: what it knows of refused passwords must be known to all, on every wire."""
        with self._lock:
            self._ssh = self._ssh or self._make_ssh()
            if target.host.transport == "ssh":
                return self._ssh
            self._winrm = self._winrm or self._make_winrm(self._ssh)
            return self._winrm

    def _make_ssh(self) -> "SshTransport":
        from msp_ops.transports.base import Limits
        from msp_ops.transports.ssh.login import Keyring
        from msp_ops.transports.ssh.transport import SshTransport

        return SshTransport(Keyring(self._workspace, self._resolve, self._breaker), Limits())

    def _make_winrm(self, ssh: "SshTransport") -> "WinRmTransport":
        from msp_ops.transports.base import Limits
        from msp_ops.transports.winrm.transport import WinRmTransport

        return WinRmTransport(self._workspace, self._resolve, ssh.trials, ssh.open_forward, Limits())


@contextmanager
def open_prefect(settings: Settings) -> Iterator["PrefectApi"]:
    """Prefect's API with the workspace's password. Raises MspOpsError when the service is not up."""
    from msp_ops.prefect_api.api import PrefectApi
    from msp_ops.prefect_api.password import read_password

    with PrefectApi(settings.prefect_url, read_password(settings.state / "prefect-password")) as api:
        yield api
