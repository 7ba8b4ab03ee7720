"""Several hosts for Ansible: one real OpenSSH server on several loopback addresses, told apart by their names only."""

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from msp_ops.domain.client import Credential, Host
from msp_ops.transports.base import Target
from tests.transports.sshd import UNTIL_WE_DIE

# Of this process alone, so that tests beside it are not found in its place.
PASSWORD = f'correct {{{{ 1 + 1 }}}} "horse" \'bat$tery {token_hex(4)}'
SUDO_PASSWORD = f"sudo'{{{{ 2 + 2 }}}}\" $taple {token_hex(4)}"
CONFIG = """\
Port {port}
{listen}
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/login.pub
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication yes
MaxStartups 200
AllowTcpForwarding yes
LogLevel VERBOSE
SetEnv PATH={folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin
Subsystem sftp internal-sftp
"""
# Asks and judges as sudo does; nobody has to install the real one to run the tests.
SUDO = """\
#!/bin/sh
while :; do case "$1" in -p) prompt=$2; shift 2 ;; -u) shift 2 ;; -*) shift ;; *) break ;; esac; done
printf %s "$prompt" >&2
IFS= read -r given
[ "$given" = "$(cat FOLDER/sudo-password)" ] || { echo 'Sorry, try again.' >&2; exit 1; }
export I_AM=root-by-sudo
exec "$@"
"""
# Inside this server's own mounts root has a password of ours, and a home without anybody's shell profile.
ENTER = 'mount --bind "$1/shadow" /etc/shadow && mount -t tmpfs none "$HOME" && shift && exec "$@"'


@dataclass
class Hosts:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def pin(self) -> str:
        return " ".join((self.folder / "host.pub").read_text().split()[:2])

    @property
    def key(self) -> Credential:
        return Credential(user=getpass.getuser(), key=f"file:{self.folder}/login")

    def target(self, number: int, credential: Credential | None = None, **changes) -> Target:
        """`web1` is on 127.0.9.1, and so on."""
        fields = {"id": f"web{number}", "address": f"127.0.9.{number}", "port": self.port, "host_keys": (self.pin,)}
        host = Host(**{**fields, **changes})
        return Target(who=f"acme/{host.id}", host=host, credential=credential or self.key)

    def logins(self, method: str) -> int:
        return (self.folder / "log").read_text(errors="replace").count(f"{method} for {getpass.getuser()}")


def keygen(path: Path, passphrase: str = "") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path], check=True)
    return path


@contextmanager
def hosts(folder: Path, count: int = 6) -> Iterator[Hosts]:
    keygen(folder / "host")
    keygen(folder / "login")
    addresses = [f"127.0.9.{number}" for number in range(1, count + 1)]
    with socket.socket() as sock:
        sock.bind((addresses[0], 0))
        port = sock.getsockname()[1]
    listen = "\n".join(f"ListenAddress {address}" for address in addresses)
    (folder / "config").write_text(CONFIG.format(folder=folder, port=port, listen=listen))
    (folder / "bin").mkdir()
    (folder / "bin" / "sudo").write_text(SUDO.replace("FOLDER", str(folder)))
    (folder / "bin" / "sudo").chmod(0o755)
    (folder / "sudo-password").write_text(SUDO_PASSWORD)
    Path("/run/sshd").mkdir(exist_ok=True)
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin")
    assert program, "openssh-server is needed"
    argv = [*UNTIL_WE_DIE, *_own_password(folder), program, "-D", "-E", folder / "log", "-f", folder / "config"]
    process = subprocess.Popen(argv)
    try:
        while "Server listening on 127.0.9.1" not in _text(folder / "log"):
            assert process.poll() is None, _text(folder / "log")
        yield Hosts(folder, port, process)
    finally:
        process.terminate()
        process.wait(10)


def has_passwords() -> bool:
    """Only root may give this server a password of its own."""
    return (
        os.geteuid() == 0
        and subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0
    )


def _own_password(folder: Path) -> list[str]:
    if not has_passwords():
        return []
    argv = ["openssl", "passwd", "-6", "-stdin"]
    hashed = subprocess.run(argv, input=PASSWORD, text=True, capture_output=True, check=True).stdout.strip()
    lines = Path("/etc/shadow").read_text().splitlines()
    mine = [f"root:{hashed}:20000::::::" if line.startswith("root:") else line for line in lines]
    (folder / "shadow").write_text("\n".join(mine) + "\n")
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", ENTER, "sh", str(folder)]


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
