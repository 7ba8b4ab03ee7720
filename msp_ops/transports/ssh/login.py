"""One login with one credential. A refusal is final: the second try could lock the client's account."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import paramiko

from msp_ops.domain.client import Credential
from msp_ops.domain.errors import FileError, NotReached
from msp_ops.secrets.references import Resolve, secret_path
from msp_ops.transports.ssh.link import Link


@dataclass(slots=True)
class _Trial:
    """What is known of one shared password."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    proved: bool = False
    refused_by: str = ""


class Keyring:
    """Private keys by reference, each read once and shared by all connections."""

    def __init__(self, workspace: Path, resolve: Resolve) -> None:
        self._workspace = workspace
        self._resolve = resolve
        self._lock = threading.Lock()
        self._keys: dict[str, paramiko.PKey] = {}
        self._trials: dict[tuple[str, str], _Trial] = {}

    def key(self, reference: str, passphrase: str | None) -> paramiko.PKey:
        """The key behind `file:path`. Raises FileError: missing, readable by others, wrong passphrase, no key."""
        with self._lock:
            if reference not in self._keys:
                self._keys[reference] = self._load(reference, passphrase)
            return self._keys[reference]

    def secret(self, reference: str | None) -> str | None:
        """The value behind a reference, or None when there is none."""
        return None if reference is None else self._resolve(reference)

    @contextmanager
    def password_trial(self, credential: Credential, who: str) -> Iterator[None]:
        """One host tries a shared password first; refused once, it is tried nowhere again by this process.

        Forty hosts with one domain account would lock it. Raises NotReached when it was refused before.
        """
        with self._lock:
            trial = self._trials.setdefault((credential.user, credential.password or ""), _Trial())
        with nullcontext() if trial.proved else trial.lock:
            if trial.refused_by:
                raise NotReached(
                    f"{who} was not tried: {trial.refused_by} refused the same password of {credential.user!r}, and "
                    f"another try could lock the account",
                    credential_refused=True,
                )
            try:
                yield
            except paramiko.AuthenticationException:
                trial.refused_by = who
                raise
            trial.proved = True

    def _load(self, reference: str, passphrase: str | None) -> paramiko.PKey:
        self._resolve(reference)  # refuses a file that is missing or open to others
        path = secret_path(self._workspace, reference)
        unlocked = self.secret(passphrase)
        try:
            return _read_key(path, unlocked)
        except paramiko.PasswordRequiredException:
            raise FileError(f"{path} has a passphrase; add `passphrase: env:NAME` to the credential") from None


def _read_key(path: Path, passphrase: str | None) -> paramiko.PKey:
    said = ""
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            with path.open(encoding="utf-8") as file:
                return kind.from_private_key(file, passphrase)
        except paramiko.PasswordRequiredException:
            raise
        except (paramiko.SSHException, ValueError) as error:
            said = str(error)
    raise FileError(f"{path} is not a private key that can be read, or the passphrase is wrong: {said}")


def log_in(link: Link, credential: Credential, keyring: Keyring, who: str) -> None:
    """Authenticate `link`. Raises NotReached(credential_refused=True), SSHException, FileError."""
    try:
        if credential.key is None and not credential.agent:
            with keyring.password_trial(credential, who):
                link.auth_password(credential.user, keyring.secret(credential.password) or "", fallback=False)
        else:
            _by_key(link, credential, keyring)
    except paramiko.BadAuthenticationType as refusal:
        _refused(who, credential, f"the host takes {', '.join(refusal.allowed_types)} only")
    except paramiko.AuthenticationException:
        _refused(who, credential, "the host does not know it, or it was locked")


def _by_key(link: Link, credential: Credential, keyring: Keyring) -> None:
    if credential.key is not None:
        link.auth_publickey(credential.user, keyring.key(credential.key, credential.passphrase))
    else:
        _by_agent(link, credential.user)


def _by_agent(link: Link, user: str) -> None:
    keys = paramiko.Agent().get_keys()
    if not keys:
        raise NotReached("no SSH agent with a key: start one and `ssh-add` your key", credential_refused=True)
    link.auth_publickey(user, keys[0])


def _refused(who: str, credential: Credential, why: str) -> NoReturn:
    kind = "key" if credential.key else "agent's key" if credential.agent else "password"
    raise NotReached(
        f"{who} refused the login of {credential.user!r} by {kind}: {why}. It was not tried again.",
        credential_refused=True,
    )
