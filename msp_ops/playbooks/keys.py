"""Which file ssh takes for a credential, and from which agent; a key with a passphrase goes into one of our own."""

import os
import subprocess
from pathlib import Path

from msp_ops.domain.client import Credential
from msp_ops.domain.errors import FileError
from msp_ops.domain.record import record
from msp_ops.playbooks.errors import PlaybookError
from msp_ops.secrets.references import Resolve, secret_path

AGENT = "agent"  # our own agent's socket, below the private folder
_NO_AGENT = "no SSH agent with a key: start one and `ssh-add` your key"


@record
class LockedKey:
    """A key that the keeper puts into our agent; `public` receives its public half."""

    path: str
    passphrase: str
    public: str


class Keys:
    """Keys by reference, each looked at once."""

    def __init__(self, folder: Path, workspace: Path, resolve: Resolve, agent_socket: str | None) -> None:
        self._folder = folder
        self._workspace = workspace
        self._resolve = resolve
        self._agent_socket = agent_socket
        self._known: dict[tuple[str, str | None], Path] = {}
        self._from_agent: Path | None = None
        self.locked: list[LockedKey] = []

    def identity(self, credential: Credential) -> Path | None:
        """What `IdentityFile` is to name; None: this login is by password. Raises FileError, PlaybookError."""
        if credential.key:
            known = (credential.key, credential.passphrase)
            if known not in self._known:
                self._known[known] = self._look_at(*known)
            return self._known[known]
        if credential.agent:
            self._from_agent = self._from_agent or self._first_of_agent()
            return self._from_agent
        return None

    def agent(self, credential: Credential) -> str | None:
        """The socket of the agent that holds its key; None: a file does."""
        if credential.key:
            return str(self._folder / AGENT) if credential.passphrase else None
        return self._agent_socket if credential.agent else None

    def _look_at(self, reference: str, passphrase: str | None) -> Path:
        self._resolve(reference)  # refuses a file that is missing or open to others
        path = secret_path(self._workspace, reference).absolute()
        if passphrase is None:
            _check_open(path)
            return path
        public = self._folder / f"key-{len(self.locked)}.pub"
        self.locked.append(LockedKey(path=str(path), passphrase=self._resolve(passphrase), public=str(public)))
        return public

    def _first_of_agent(self) -> Path:
        """As the SSH transport does: the agent's first key and no other."""
        if not self._agent_socket:
            raise PlaybookError(_NO_AGENT)
        environment = {"PATH": os.defpath, "SSH_AUTH_SOCK": self._agent_socket}
        said = subprocess.run(
            ["ssh-add", "-L"], env=environment, capture_output=True, text=True, check=False, timeout=20
        )
        if said.returncode != 0:
            raise PlaybookError(_NO_AGENT)
        public = self._folder / "agents-key.pub"
        public.write_text(said.stdout.splitlines()[0] + "\n", encoding="utf-8")
        return public


def _check_open(path: Path) -> None:
    """Ssh could not ask anybody for a passphrase, and would only say that the login was refused."""
    argv = ["ssh-keygen", "-y", "-P", "", "-f", str(path)]
    said = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=20)
    if "incorrect passphrase" in said.stderr:
        raise FileError(f"{path} has a passphrase; add `passphrase: env:NAME` to the credential")
    if said.returncode != 0:
        raise FileError(f"{path} is not a private key that can be read: {said.stderr.strip()[-200:]}")
