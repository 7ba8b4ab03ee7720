"""What tells one host from another: its name, its keys, who may log in."""

import os
import secrets
import shutil
from pathlib import Path

from msp_ops.lab.commands import run
from msp_ops.lab.folder import Folder
from msp_ops.lab.hosts import LOGIN, LabHost

_HOST_KEY = "ssh_host_ed25519_key"
_LOGIN_UID = 1000


def make_keys(folder: Folder, hosts: tuple[LabHost, ...]) -> None:
    """Login key, known_hosts and pins in the run folder; a key that an earlier `up` made is used again."""
    _make_key(folder.keys / "id_ed25519", "msp-ops-lab")
    for name in ("id_ed25519", "id_ed25519.pub"):
        shutil.copy(folder.keys / name, folder.run / name)
    pins = folder.run / "pins"
    pins.mkdir(mode=0o700)
    known = []
    for host in hosts:
        _make_key(folder.keys / host.name, host.name)
        known.append(f"{host.address},{host.name} {host_key(folder, host)}\n")
        with (pins / host.client).open("a") as out:
            out.write(f"{host.short} {host_key(folder, host)}\n")
    folder.known_hosts.write_text("".join(known))


def host_key(folder: Folder, host: LabHost) -> str:
    """The public key to pin, as `ssh-ed25519 AAAA…`."""
    return " ".join((folder.keys / f"{host.name}.pub").read_text().split()[:2])


def make_seed(folder: Folder, host: LabHost, everybody: tuple[LabHost, ...]) -> Path:
    """The host's own layer."""
    seed = folder.host(host.name) / "seed"
    addresses = "".join(f"{each.address} {each.name}\n" for each in everybody)
    for name, text, mode in (
        ("etc/hostname", f"{host.name}\n", 0o644),
        ("etc/hosts", f"127.0.0.1 localhost\n{addresses}", 0o644),
        ("etc/machine-id", f"{secrets.token_hex(16)}\n", 0o444),
        (f"etc/ssh/{_HOST_KEY}", (folder.keys / host.name).read_text(), 0o600),
        (f"etc/ssh/{_HOST_KEY}.pub", (folder.keys / f"{host.name}.pub").read_text(), 0o644),
        (f"home/{LOGIN}/.ssh/authorized_keys", (folder.run / "id_ed25519.pub").read_text(), 0o600),
    ):
        _write(seed / name, text, mode)
    home = seed / "home" / LOGIN
    for path in (home, home / ".ssh", home / ".ssh/authorized_keys"):
        os.chown(path, _LOGIN_UID, _LOGIN_UID)
    (home / ".ssh").chmod(0o700)
    return seed


def _make_key(path: Path, comment: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path)


def _write(path: Path, text: str, mode: int) -> None:
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir()
            parent.chmod(0o755)
    path.write_text(text)
    path.chmod(mode)
