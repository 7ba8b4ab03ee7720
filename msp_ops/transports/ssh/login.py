"""One login with one credential. A refusal is final: the second try could lock the client's account."""

import threading
from pathlib import Path
from typing import NoReturn

import paramiko

from msp_ops.domain.client import Credential
from msp_ops.domain.errors import FileError, NotReached
from msp_ops.secrets.references import Resolve, secret_path
from msp_ops.transports.base import Breaker
from msp_ops.transports.ssh.link import Link
from msp_ops.transports.ssh.trials import Trials, login_attempt


class Keyring:
    """Private keys by reference, each read once and shared by all connections; and which credentials were refused.

    Without a `breaker` it knows of this process only.
    """

    def __init__(self, workspace: Path, resolve: Resolve, breaker: Breaker | None = None) -> None:
        self._workspace = workspace
        self._resolve = resolve
        self._lock = threading.Lock()
        self._keys: dict[str, paramiko.PKey] = {}
        self.trials = Trials(breaker)

    def key(self, reference: str, passphrase: str | None) -> paramiko.PKey:
        """The key behind `file:path`. Raises FileError: missing, readable by others, wrong passphrase, no key."""
        with self._lock:
            if reference not in self._keys:
                self._keys[reference] = self._load(reference, passphrase)
            return self._keys[reference]

    def secret(self, reference: str | None) -> str | None:
        """The value behind a reference, or None when there is none."""
        return None if reference is None else self._resolve(reference)

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


def log_in(link: Link, credential: Credential, keyring: Keyring, who: str, client: str) -> None:
    """Authenticate `link`. Raises NotReached, SSHException, FileError."""
    try:
        with keyring.trials.of(login_attempt(credential, who, client)):
            if credential.key is None and not credential.agent:
                link.auth_password(credential.user, keyring.secret(credential.password) or "", fallback=False)
            else:
                _by_key(link, credential, keyring, who)
    except paramiko.BadAuthenticationType as refusal:
        _refused(who, credential, f"the host takes {', '.join(refusal.allowed_types)} only")
    except paramiko.AuthenticationException as refusal:
        _refused(who, credential, str(refusal))


def _by_key(link: Link, credential: Credential, keyring: Keyring, who: str) -> None:
    key = keyring.key(credential.key, credential.passphrase) if credential.key else _agents_key()
    try:
        link.auth_publickey(credential.user, key)
    except paramiko.AuthenticationException:
        if link.is_active():
            raise
        raise NotReached(f"{who} hung up in the middle of the login", again=True) from None


def _agents_key() -> paramiko.PKey:
    keys = paramiko.Agent().get_keys()
    if not keys:
        raise NotReached("no SSH agent with a key: start one and `ssh-add` your key")
    return keys[0]


def _refused(who: str, credential: Credential, why: str) -> NoReturn:
    kind = "key" if credential.key else "agent's key" if credential.agent else "password"
    raise NotReached(
        f"{who} refused the login of {credential.user!r} by {kind}: {why.rstrip('.')}. It was not tried again.",
        credential_refused=True,
    )
