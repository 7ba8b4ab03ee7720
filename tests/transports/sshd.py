"""A real OpenSSH server on a loopback address, for one user: the one who runs the tests."""

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msp_ops.domain.client import Credential, Host
from msp_ops.transports.base import Target

UNTIL_WE_DIE = ("setpriv", "--pdeathsig", "TERM")  # killed tests stop no server
CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_{kind}
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication yes
AllowTcpForwarding yes
PermitRootLogin yes
MaxStartups 200
"""


@dataclass
class Sshd:
    folder: Path
    port: int
    kind: str
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def pin(self) -> str:
        return " ".join((self.folder / f"host_{self.kind}.pub").read_text().split()[:2])

    @property
    def user_key(self) -> Path:
        return self.folder / "user"

    def target(self, **changes: object) -> Target:
        fields = {"id": "here", "address": "127.0.0.1", "port": self.port, "host_keys": (self.pin,), **changes}
        credential = Credential(user=getpass.getuser(), key=f"file:{self.user_key}")
        return Target(who="acme/here", host=Host(**fields), credential=credential)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(5)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _keygen(path: Path, kind: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path], check=True)


def _own_marker() -> list[str]:
    """Root's parcels lie where nobody else's do: whoever tests beside us would be another run on this host."""
    folders = ("/run/msp-ops", "/var/lib/msp-ops")
    if os.geteuid() or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        return []
    for folder in folders:
        Path(folder).mkdir(mode=0o700, exist_ok=True)
    mounts = " && ".join(f"mount -t tmpfs tmpfs {folder}" for folder in folders)
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", f'{mounts} && exec "$@"', "sh"]


@contextmanager
def sshd(folder: Path, kind: str = "ed25519") -> Iterator[Sshd]:
    server = Sshd(folder, _free_port(), kind)
    _keygen(folder / f"host_{kind}", kind)
    _keygen(server.user_key, "ed25519")
    (folder / "authorized_keys").write_text((folder / "user.pub").read_text())
    (folder / "config").write_text(CONFIG.format(port=server.port, folder=folder, kind=kind))
    Path("/run/sshd").mkdir(exist_ok=True)
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin")
    assert program, "openssh-server is needed"
    argv = [*UNTIL_WE_DIE, *_own_marker(), program, "-D", "-e", "-f", folder / "config"]
    server.process = subprocess.Popen(argv, stderr=subprocess.PIPE)
    assert server.process.stderr
    try:
        for line in server.process.stderr:
            if b"Server listening" in line:
                break
        yield server
    finally:
        server.stop()
        server.process.stderr.close()
