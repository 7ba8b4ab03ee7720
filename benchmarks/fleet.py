"""One sshd that is many hosts: it answers on all of 127.0.0.0/8 in a network of its own that nothing else can reach.

It also sees a home without a shell profile, no package lists and a `systemctl` that is content, so that a login and an
audit cost about the same on every machine. All of that is gone when its process ends.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PORT = 2222
CONFIG = """\
Port {port}
ListenAddress 0.0.0.0
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/login.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
MaxStartups 1000
UseDNS no
PrintMotd no
PrintLastLog no
"""
SYSTEMCTL = """\
#!/bin/sh
case "$1" in
is-system-running) echo running ;;
is-enabled) echo disabled; exit 1 ;;
is-active) echo inactive; exit 3 ;;
esac
"""
ENTER = """\
set -e
ip link set lo up
for place in "$HOME" /var/lib/apt/lists /var/cache/apt /run; do mount -t tmpfs none "$place"; done
mkdir -p /run/sshd /run/msp-ops /var/lib/msp-ops
mount --bind "$1/systemctl" "$(command -v systemctl || echo /bin/false)"
exec "$2" -D -e -f "$1/config"
"""
# Every address keeps its own record of what runs on it: two that shared one would refuse each other's changes. Its
# view of the files is made and held by a process at the first login; later commands only enter it, at little cost.
APART = """\
#!/bin/sh
here=${SSH_CONNECTION#* * }
export here="FOLDER/of/${here% *}"
if [ ! -e "$here/holder" ]; then
  mkdir -p "$here/run" "$here/lib"
  mkfifo "$here/ready"
  unshare --mount sh -c 'mount --bind "$here/run" /run/msp-ops
    mount --bind "$here/lib" /var/lib/msp-ops
    echo "$$" >"$here/ready"
    exec sleep infinity' </dev/null >/dev/null 2>&1 &
  read -r holder <"$here/ready"
  echo "$holder" >"$here/holder"
fi
exec nsenter --mount="/proc/$(cat "$here/holder")/ns/mnt" sh -c "$SSH_ORIGINAL_COMMAND"
"""


@dataclass(frozen=True)
class Fleet:
    """`pin` is the host key, `login_key` the private key that every host lets in."""

    process_id: int
    pin: str
    login_key: Path

    def inside(self, argv: Sequence[str]) -> list[str]:
        """The command, started where the hosts can be reached; it replaces nsenter, so its cost is its own."""
        return ["nsenter", f"--net=/proc/{self.process_id}/ns/net", "--", *argv]


@contextmanager
def fleet(folder: Path, *, apart: bool = False) -> Iterator[Fleet]:
    """Up while the block runs; `apart` when hosts are changed. Needs root, openssh-server and iproute2."""
    for name in ("host", "login"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    force = f"ForceCommand {folder}/apart\n" if apart else ""
    (folder / "config").write_text(CONFIG.format(folder=folder, port=PORT) + force, encoding="utf-8")
    for name, program in (("systemctl", SYSTEMCTL), ("apart", APART.replace("FOLDER", str(folder)))):
        (folder / name).write_text(program, encoding="utf-8")
        (folder / name).chmod(0o755)
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin")
    if sshd is None:
        raise SystemExit("sshd is not here; install openssh-server: .ci/debian")
    apart_from_all = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    argv = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        *apart_from_all,
        "--",
        "sh",
        "-c",
        ENTER,
        "sh",
        str(folder),
        sshd,
    ]
    log = folder / "log"  # a pipe that nobody reads would fill, and then every login would hang
    with log.open("wb") as said, subprocess.Popen(argv, stderr=said) as server:
        try:
            _wait_until_it_listens(server, log)
            pin = " ".join((folder / "host.pub").read_text(encoding="utf-8").split()[:2])
            yield Fleet(process_id=server.pid, pin=pin, login_key=folder / "login")
        finally:
            server.kill()


def _wait_until_it_listens(server: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + 20
    while "Server listening" not in log.read_text(errors="replace"):
        if server.poll() is not None or time.monotonic() > give_up_at:
            raise SystemExit(f"the hosts did not come up: {log.read_text(errors='replace')}")
        time.sleep(0.02)
